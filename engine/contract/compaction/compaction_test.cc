// The compaction stage as a whole, on trees with contents: every job is sound, no reader ever
// notices one, and compacting comes to an end. For any implementation of the stage.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include <rapidcheck/gtest.h>

#include "contract/compaction/concept.h"
#include "contract/compaction/model_tree.h"
#include "contract/compaction/running_jobs.h"
#include "contract/compaction/tree_text.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());
constexpr size_t kLevels = 5;

// Outputs of `entries_max` entries.
PickerOptions TinyOptions(uint64_t entries_max = 2) {
  PickerOptions options;
  options.l0_trigger = 2;
  options.level1_bytes = 4 * kEntryBytes;
  options.size_ratio = 2;
  options.max_file_bytes = entries_max * kEntryBytes;
  return options;
}

// The same under any policy that the stage supports.
PickerOptions AnyPolicy() {
  std::vector<CompactionPolicy> supported;
  for (const CompactionPolicy policy :
       {CompactionPolicy::kLeveled, CompactionPolicy::kTiered, CompactionPolicy::kLazyLeveled,
        CompactionPolicy::kHybrid}) {
    if (CompactionPicker::Supports(policy)) supported.push_back(policy);
  }
  PickerOptions options = TinyOptions(*rc::gen::inRange<uint64_t>(1, 8));
  options.policy = *rc::gen::elementOf(supported);
  options.runs_per_level = *rc::gen::inRange(2, 4);
  options.tiered_levels = *rc::gen::inRange(1, static_cast<int>(kLevels) + 1);
  return options;
}

std::string RandomKey() { return std::string(1, *rc::gen::inRange('a', 'k')); }

// Writes some versions and flushes them.
void WriteSome(ModelTree* model, SequenceNumber* sequence, int entries_max = 4) {
  Entries entries;
  const int n = *rc::gen::inRange(1, entries_max + 1);
  for (int i = 0; i < n; ++i) {
    ++*sequence;
    entries.push_back(*rc::gen::inRange(0, 3) == 0
                          ? DeleteEntry(RandomKey(), *sequence)
                          : PutEntry(RandomKey(), *sequence, std::to_string(*sequence)));
  }
  model->Flush(std::move(entries));
}

std::set<uint64_t> Numbers(const std::vector<FileRef>& files) {
  std::set<uint64_t> numbers;
  for (const FileRef& file : files) numbers.insert(file->number);
  return numbers;
}

bool Meet(const FileMeta& a, const FileMeta& b) {
  return kCmp.CompareUserKeys(ExtractUserKey(a.smallest), ExtractUserKey(b.largest)) <= 0 &&
         kCmp.CompareUserKeys(ExtractUserKey(b.smallest), ExtractUserKey(a.largest)) <= 0;
}

// Ascending: newer places first.
using Place = std::pair<int, uint64_t>;
Place PlaceOf(int level, uint64_t run) { return {level, UINT64_MAX - run}; }

// K-SOUND (with K-SPLIT) from its definition.
void CheckSound(const Tree& tree, const CompactionJob& job) {
  const std::set<uint64_t> inputs = Numbers(AllInputs(job));
  const Place output = PlaceOf(job.output_level, job.output_run);
  FileMeta hull = *AllInputs(job)[0];
  for (const FileRef& file : AllInputs(job)) {
    hull.smallest = std::min(hull.smallest, file->smallest);
    hull.largest = std::max(hull.largest, file->largest);
  }
  for (int level = 0; level < static_cast<int>(tree.levels.size()); ++level) {
    for (const SortedRun& run : tree.levels[static_cast<size_t>(level)].runs) {
      const Place place = PlaceOf(level, RunNumber(run));
      for (const FileRef& file : run) {
        if (inputs.count(file->number) > 0) continue;
        RC_ASSERT(place != output || !Meet(*file, hull));
        for (const InputRun& part : job.inputs) {
          const Place from = PlaceOf(part.level, RunNumber(part.files));
          for (const FileRef& input : part.files) {
            RC_ASSERT(!(from <= place && (place == from || place < output)) ||
                      !Meet(*file, *input));
          }
        }
      }
    }
  }
}

void CheckJob(const Tree& tree, const CompactionJob& job, const BusyFiles& busy) {
  const std::vector<FileRef> files = AllInputs(job);
  const std::set<uint64_t> inputs = Numbers(files);
  RC_ASSERT(!inputs.empty());
  RC_ASSERT(inputs.size() == files.size());
  RC_ASSERT(job.output_level == job.level + 1 || job.output_level == job.level);
  CheckSound(tree, job);
  for (const uint64_t number : busy) RC_ASSERT(inputs.count(number) == 0U);
  for (size_t i = 0; i < job.inputs.size(); ++i) {
    const Place place = PlaceOf(job.inputs[i].level, RunNumber(job.inputs[i].files));
    RC_ASSERT(place <= PlaceOf(job.output_level, job.output_run) ||
              job.inputs[i].level == job.output_level);
    if (i == 0) continue;
    RC_ASSERT(PlaceOf(job.inputs[i - 1].level, RunNumber(job.inputs[i - 1].files)) < place);
  }
  for (size_t i = 0; job.trivial_move && i < files.size(); ++i) {
    for (size_t j = 0; j < i; ++j) RC_ASSERT(!Meet(*files[i], *files[j]));
  }
  RC_ASSERT(!job.reason.empty());
}

// All that readers at `snapshots` can see.
std::string AllReads(const ModelTree& model, const std::vector<SequenceNumber>& snapshots) {
  std::string text;
  for (const SequenceNumber snapshot : snapshots) {
    for (char key = 'a'; key <= 'k'; ++key) {
      text += model.Get(std::string_view(&key, 1), snapshot).value_or("-") + " ";
    }
    text += "\n";
  }
  return text;
}

// Under policies that change from one job to the next, as over reopens.
RC_GTEST_PROP(Compaction, K_SOUND_NoReaderNoticesOne, ()) {
  PickerOptions options = AnyPolicy();
  ModelTree model(options, kLevels, kCmp);
  std::set<SequenceNumber> held;
  SequenceNumber sequence = 0;
  const int rounds = *rc::gen::inRange(1, 30);
  for (int round = 0; round < rounds; ++round) {
    if (*rc::gen::inRange(0, 8) == 0) options = AnyPolicy();
    const CompactionPicker picker(options, kCmp);
    WriteSome(&model, &sequence);
    if (*rc::gen::inRange(0, 4) == 0) held.insert(sequence);
    if (*rc::gen::inRange(0, 8) == 0) held.clear();
    std::vector<SequenceNumber> snapshots(held.begin(), held.end());
    snapshots.push_back(sequence);
    const std::string before = AllReads(model, snapshots);

    const auto [begin, end] = std::minmax({RandomKey(), RandomKey()});
    const bool manual = *rc::gen::inRange(0, 3) == 0;
    const int level = *rc::gen::inRange(0, static_cast<int>(kLevels));
    const int to = level + *rc::gen::inRange(0, 2);
    const auto job = manual ? picker.PickRange(model.tree(), level, to, begin, end, {})
                            : picker.Pick(model.tree(), {}, 0);
    if (!job) continue;
    RC_LOG() << DescribeTree(model.tree()) << JobText(job) << "\n";
    CheckJob(model.tree(), *job, {});
    const Status applied = model.Compact(*job, snapshots);
    RC_LOG() << applied.ToString() << "\n" << DescribeTree(model.tree());
    RC_ASSERT(applied.ok());
    RC_ASSERT(AllReads(model, snapshots) == before);
  }
}

RC_GTEST_PROP(Compaction, ComesToAnEnd, ()) {
  const PickerOptions options = AnyPolicy();
  ModelTree model(options, kLevels, kCmp);
  const CompactionPicker picker(options, kCmp);
  SequenceNumber sequence = 0;
  const int flushes = *rc::gen::inRange(1, 20);
  for (int i = 0; i < flushes; ++i) WriteSome(&model, &sequence);
  // Each job takes at least one table down one level or into an older run, and a merge makes no
  // more tables than entries.
  const size_t jobs_max = sequence * kLevels * 2;
  size_t jobs = 0;
  while (const auto job = picker.Pick(model.tree(), {}, 0)) {
    RC_ASSERT(++jobs <= jobs_max);
    RC_ASSERT(model.Compact(*job, {sequence}).ok());
  }
  for (int level = 0; level < static_cast<int>(kLevels); ++level) {
    RC_ASSERT(picker.Score(model.tree(), level) < 1);
  }
}

// Jobs run while others do, and end in any order; between them new tables arrive.
RC_GTEST_PROP(Compaction, K_SOUND_JobsSideBySideDoNotDisturbOneAnother, ()) {
  struct Running {
    CompactionJob job;
    std::vector<FileMeta> outputs;
  };
  const PickerOptions options = AnyPolicy();
  ModelTree model(options, kLevels, kCmp);
  const CompactionPicker picker(options, kCmp);
  SequenceNumber sequence = 0;
  BusyFiles busy;
  std::vector<Running> running;
  const int rounds = *rc::gen::inRange(1, 40);
  for (int round = 0; round < rounds; ++round) {
    const int draw = *rc::gen::inRange(0, 3);
    if (draw == 0) WriteSome(&model, &sequence);
    const std::string before = AllReads(model, {sequence});
    if (draw == 1) {
      const auto job = picker.Pick(model.tree(), busy, 0);
      if (!job) continue;
      CheckJob(model.tree(), *job, busy);
      RC_LOG() << DescribeTree(model.tree()) << JobText(job) << "\n";
      busy.merge(Numbers(AllInputs(*job)));
      auto outputs = model.Run(*job, {sequence});
      RC_ASSERT(outputs.ok());
      running.push_back({*job, *outputs});
    } else if (draw == 2 && !running.empty()) {
      const auto ended = running.begin() + *rc::gen::inRange<ptrdiff_t>(0, std::ssize(running));
      const Status installed = model.Install(ended->job, ended->outputs);
      RC_LOG() << JobText(ended->job) << ": " << installed.ToString() << "\n";
      RC_ASSERT(installed.ok());
      for (const uint64_t number : Numbers(AllInputs(ended->job))) busy.erase(number);
      running.erase(ended);
    }
    RC_ASSERT(AllReads(model, {sequence}) == before);
  }
}

// A job that runs, with what it will install.
struct Running {
  CompactionJob job;
  std::vector<FileMeta> outputs;
};

// The next job of Pick or, now and then, of PickRange; none if it may not begin now.
std::unique_ptr<Running> BeginJob(ModelTree* model, const CompactionPicker& picker,
                                  const RunningJobs& running, SequenceNumber sequence) {
  const BusyFiles busy = running.Files();
  std::optional<CompactionJob> job;
  if (*rc::gen::inRange(0, 3) > 0) {
    const auto [begin, end] = std::minmax({RandomKey(), RandomKey()});
    const int level = *rc::gen::inRange(0, 3);
    const int output_level = level + *rc::gen::inRange(0, 2);
    job = picker.PickRange(model->tree(), level, output_level, begin, end, busy);
  } else {
    job = picker.Pick(running.WithRoundsMovedOn(model->tree()), busy, 0);
  }
  if (!job || !running.Admit(*job)) return nullptr;
  CheckJob(model->tree(), *job, busy);
  auto begun = std::make_unique<Running>();
  begun->job = *job;
  auto outputs = model->Run(*job, {sequence});
  RC_ASSERT(outputs.ok());
  begun->outputs = *outputs;
  RC_LOG() << "begin " << JobText(job) << "\n";
  return begun;
}

// Jobs begin, and end in any order, between flushes.
RC_GTEST_PROP(KBusy, JobsThatRunSideBySideEndInAnyOrder, ()) {
  PickerOptions options = AnyPolicy();
  options.l0_trigger = 1;
  options.level1_bytes = *rc::gen::element<uint64_t>(1, 50) * kEntryBytes;
  ModelTree model(options, kLevels, kCmp);
  const CompactionPicker picker(options, kCmp);
  RunningJobs running(kCmp);
  std::vector<std::unique_ptr<Running>> jobs;
  SequenceNumber sequence = 0;
  const int steps = *rc::gen::inRange(1, 400);
  for (int step = 0; step < steps; ++step) {
    const int what = *rc::gen::inRange(0, 6);
    if (what <= 1) WriteSome(&model, &sequence, 2);  // tables leave gaps
    if (what == 2 && !jobs.empty()) {
      const auto ended = jobs.begin() + *rc::gen::inRange<long>(0, static_cast<long>(jobs.size()));
      RC_LOG() << DescribeTree(model.tree()) << "end " << JobText((*ended)->job) << "\n";
      const std::string before = AllReads(model, {sequence});
      const Status installed = model.Install((*ended)->job, (*ended)->outputs);
      RC_LOG() << installed.ToString() << "\n";
      RC_ASSERT(installed.ok());
      RC_ASSERT(AllReads(model, {sequence}) == before);
      running.Remove(&(*ended)->job);
      jobs.erase(ended);
    }
    if (what >= 3 && sequence > 0) {
      if (auto begun = BeginJob(&model, picker, running, sequence)) {
        running.Add(&begun->job);
        jobs.push_back(std::move(begun));
      }
    }
  }
}

CompactionJob JobFromText(const std::string& inputs, const std::string& next_inputs, int level) {
  CompactionJob job;
  job.level = level;
  job.output_level = level + 1;
  const std::string drawn = "L1: " + inputs + "\nL2: " + next_inputs;
  const Tree tree = TreeFromText(drawn);
  for (int above = 0; above < 2; ++above) {
    for (const SortedRun& run : tree.levels[static_cast<size_t>(above) + 1].runs) {
      job.inputs.push_back({level + above, run});
    }
  }
  return job;
}

bool MayRunBeside(const CompactionJob& first, const CompactionJob& second) {
  RunningJobs running(kCmp);
  running.Add(&first);
  const bool admitted = running.Admit(second);
  running.Remove(&first);
  EXPECT_TRUE(running.Admit(second));  // alone, any job may run
  return admitted;
}

TEST(KBusy, JobsOfDisjointRangesRunSideBySide) {
  EXPECT_TRUE(MayRunBeside(JobFromText("5[a..c]", "1[a..d]", 1), JobFromText("6[e..g]", "", 1)));
}

TEST(KBusy, ATableIsInOneJobOnly) {
  EXPECT_FALSE(MayRunBeside(JobFromText("5[a..c]", "1[a..d]", 1), JobFromText("1[a..d]", "", 2)));
}

TEST(KBusy, AnOutputMaySpanTheGapBetweenInputs) {
  EXPECT_FALSE(MayRunBeside(JobFromText("5[a..c] 6[g..i]", "", 1), JobFromText("7[e..e]", "", 1)));
}

// What the rule is for: with it broken, the tree breaks.
TEST(KBusy, WhatIsPutIntoAGapMustNotOvertakeTheJobThatLeftIt) {
  const PickerOptions options = TinyOptions();
  const CompactionPicker picker(options, kCmp);
  ModelTree model(options, kLevels, kCmp);
  const auto flush_to_level1 = [&](std::string_view key, SequenceNumber sequence) {
    model.Flush({PutEntry(key, sequence, "v")});
    return model.Compact(*picker.PickRange(model.tree(), 0, 1, {}, {}, {}), {sequence}).ok();
  };
  ASSERT_TRUE(flush_to_level1("a", 1) && flush_to_level1("g", 2));
  const auto wide = picker.PickRange(model.tree(), 1, 2, "a", "g", {});
  ASSERT_EQ(AllInputs(*wide).size(), 2U);
  const auto wide_outputs = model.Run(*wide, {2});
  RunningJobs running(kCmp);
  running.Add(&*wide);

  ASSERT_TRUE(flush_to_level1("e", 3));
  const auto narrow = picker.PickRange(model.tree(), 1, 2, "e", "e", running.Files());
  ASSERT_TRUE(narrow.has_value());  // no table of it is busy
  EXPECT_FALSE(running.Admit(*narrow));
  ASSERT_TRUE(model.Compact(*narrow, {3}).ok());
  EXPECT_TRUE(model.Install(*wide, *wide_outputs).IsCorruption());
}

TEST(KBusy, RangesMeetInTheirLastKeyToo) {
  EXPECT_FALSE(MayRunBeside(JobFromText("5[a..c]", "", 1), JobFromText("6[e..g]", "2[c..h]", 1)));
}

TEST(KBusy, JobsWithOtherOutputLevelsMayMeet) {
  EXPECT_TRUE(MayRunBeside(JobFromText("5[a..c]", "1[a..d]", 1), JobFromText("6[b..g]", "", 2)));
}

TEST(KBusy, TheNextPickOfALevelBeginsBehindTheOneThatRuns) {
  const CompactionPicker picker(TinyOptions(), kCmp);
  const Tree tree = TreeFromText("L1: 5[a..c] 6[d..f] 7[g..i]");
  const auto first = picker.Pick(tree, {}, 0);
  ASSERT_EQ(JobText(first), "L1 5 + L2 move");
  RunningJobs running(kCmp);
  running.Add(&*first);
  EXPECT_EQ(JobText(picker.Pick(running.WithRoundsMovedOn(tree), running.Files(), 0)),
            "L1 6 + L2 move");
  EXPECT_EQ(DescribeTree(running.WithoutInputs(tree)),
            DescribeTree(TreeFromText("L1: 6[d..f] 7[g..i]")));
}

RC_GTEST_PROP(KRound, SuccessivePicksVisitEveryTable, ()) {
  std::string run;
  size_t tables = 0;
  for (char key = 'a'; key < 'a' + 20; key = static_cast<char>(key + *rc::gen::inRange(1, 4))) {
    run += " " + std::to_string(++tables) + "[" + key + ".." + key + "]";
  }
  Tree tree = TreeFromText("L1:" + run, kLevels);
  if (*rc::gen::arbitrary<bool>()) tree.compact_pointers[1] = KeyFromText(RandomKey(), 0);
  const CompactionPicker picker(TinyOptions(), kCmp);
  std::set<uint64_t> visited;
  for (size_t i = 0; i < tables; ++i) {
    const auto job = picker.Pick(tree, {}, 0);
    RC_ASSERT(job.has_value());
    visited.merge(Numbers(AllInputs(*job)));
    tree.compact_pointers[1] = job->compact_pointer;
  }
  RC_ASSERT(visited.size() == tables);
}

}  // namespace
}  // namespace lsm
