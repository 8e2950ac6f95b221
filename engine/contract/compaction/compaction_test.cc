// The compaction stage as a whole, on trees with contents: every job is sound, no reader ever
// notices one, and compacting comes to an end. For any implementation of the stage.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <rapidcheck/gtest.h>

#include "contract/compaction/concept.h"
#include "contract/compaction/model_tree.h"
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

std::string RandomKey() { return std::string(1, *rc::gen::inRange('a', 'k')); }

// Writes some versions and flushes them.
void WriteSome(ModelTree* model, SequenceNumber* sequence) {
  Entries entries;
  const int n = *rc::gen::inRange(1, 5);
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

std::set<uint64_t> Meeting(const Tree& tree, int level, std::string_view begin,
                           std::string_view end) {
  std::set<uint64_t> numbers;
  for (const SortedRun& run : tree.levels[static_cast<size_t>(level)].runs) {
    numbers.merge(Numbers(OverlappingFiles(run, kCmp, begin, end)));
  }
  return numbers;
}

// The tables of a level that meet one of `files` in a user key.
std::set<uint64_t> Touching(const Tree& tree, int level, const std::vector<FileRef>& files) {
  std::set<uint64_t> touching;
  for (const FileRef& file : files) {
    touching.merge(
        Meeting(tree, level, ExtractUserKey(file->smallest), ExtractUserKey(file->largest)));
  }
  return touching;
}

// The tables of a level in or at the key range of all `files`, gaps included.
std::set<uint64_t> Spanned(const Tree& tree, int level, const std::vector<FileRef>& files) {
  std::string_view begin = ExtractUserKey(files[0]->smallest);
  std::string_view end = ExtractUserKey(files[0]->largest);
  for (const FileRef& file : files) {
    begin = std::min(begin, ExtractUserKey(file->smallest));
    end = std::max(end, ExtractUserKey(file->largest));
  }
  return Meeting(tree, level, begin, end);
}

bool Includes(const std::set<uint64_t>& all, const std::set<uint64_t>& part) {
  return std::includes(all.begin(), all.end(), part.begin(), part.end());
}

// K-PICK, K-SPLIT and K-MOVE, from their definitions.
void CheckJob(const Tree& tree, const CompactionJob& job, const BusyFiles& busy) {
  const std::set<uint64_t> inputs = Numbers(job.inputs);
  const std::set<uint64_t> next = Numbers(job.next_inputs);
  RC_ASSERT(!inputs.empty());
  RC_ASSERT(job.output_level == job.level + 1);
  RC_ASSERT(Touching(tree, job.level, job.inputs) == inputs);
  RC_ASSERT(Includes(next, Spanned(tree, job.output_level, job.inputs)));
  RC_ASSERT(Touching(tree, job.output_level, job.next_inputs) == next);
  for (const uint64_t number : busy) RC_ASSERT(inputs.count(number) + next.count(number) == 0U);
  if (job.trivial_move) RC_ASSERT(inputs.size() == 1U && next.empty());
  for (size_t i = 1; job.level == 0 && i < job.inputs.size(); ++i) {
    RC_ASSERT(job.inputs[i - 1]->number > job.inputs[i]->number);
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

RC_GTEST_PROP(Compaction, NoReaderNoticesOne, ()) {
  const PickerOptions options = TinyOptions(*rc::gen::inRange<uint64_t>(1, 8));
  ModelTree model(options, kLevels, kCmp);
  const CompactionPicker picker(options, kCmp);
  std::set<SequenceNumber> held;
  SequenceNumber sequence = 0;
  const int rounds = *rc::gen::inRange(1, 30);
  for (int round = 0; round < rounds; ++round) {
    WriteSome(&model, &sequence);
    if (*rc::gen::inRange(0, 4) == 0) held.insert(sequence);
    if (*rc::gen::inRange(0, 8) == 0) held.clear();
    std::vector<SequenceNumber> snapshots(held.begin(), held.end());
    snapshots.push_back(sequence);
    const std::string before = AllReads(model, snapshots);

    const auto [begin, end] = std::minmax({RandomKey(), RandomKey()});
    const bool manual = *rc::gen::inRange(0, 3) == 0;
    const int level = *rc::gen::inRange(0, static_cast<int>(kLevels) - 1);
    const auto job = manual ? picker.PickRange(model.tree(), level, begin, end, {})
                            : picker.Pick(model.tree(), {});
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
  ModelTree model(TinyOptions(), kLevels, kCmp);
  const CompactionPicker picker(TinyOptions(), kCmp);
  SequenceNumber sequence = 0;
  const int flushes = *rc::gen::inRange(1, 20);
  for (int i = 0; i < flushes; ++i) WriteSome(&model, &sequence);
  // Each job takes at least one table down one level, and a merge makes no more tables than
  // entries.
  const size_t jobs_max = sequence * kLevels * 2;
  size_t jobs = 0;
  while (const auto job = picker.Pick(model.tree(), {})) {
    RC_ASSERT(++jobs <= jobs_max);
    RC_ASSERT(model.Compact(*job, {sequence}).ok());
  }
  for (int level = 0; level < static_cast<int>(kLevels); ++level) {
    RC_ASSERT(picker.Score(model.tree(), level) < 1);
  }
}

RC_GTEST_PROP(Compaction, JobsSideBySideShareNoTable, ()) {
  ModelTree model(TinyOptions(), kLevels, kCmp);
  const CompactionPicker picker(TinyOptions(), kCmp);
  SequenceNumber sequence = 0;
  const int flushes = *rc::gen::inRange(1, 20);
  for (int i = 0; i < flushes; ++i) {
    WriteSome(&model, &sequence);
    const auto job = picker.Pick(model.tree(), {});
    if (job && *rc::gen::arbitrary<bool>()) RC_ASSERT(model.Compact(*job, {sequence}).ok());
  }
  BusyFiles busy;
  std::vector<CompactionJob> jobs;
  while (const auto job = picker.Pick(model.tree(), busy)) {
    CheckJob(model.tree(), *job, busy);
    busy.merge(Numbers(job->inputs));
    busy.merge(Numbers(job->next_inputs));
    jobs.push_back(*job);
  }
  // They were picked from one tree, and end one after the other.
  const std::string before = AllReads(model, {sequence});
  for (const CompactionJob& job : jobs) RC_ASSERT(model.Compact(job, {sequence}).ok());
  RC_ASSERT(AllReads(model, {sequence}) == before);
}

RC_GTEST_PROP(KRound, SuccessivePicksVisitEveryTable, ()) {
  Tree tree(kLevels);
  SortedRun run;
  for (char key = 'a'; key < 'a' + 20; key = static_cast<char>(key + *rc::gen::inRange(1, 4))) {
    const std::string text = std::to_string(run.size() + 1) + "[" + key + ".." + key + "]";
    run.push_back(FileFromText(text));
  }
  tree.levels[1].runs = {run};
  if (*rc::gen::arbitrary<bool>()) tree.compact_pointers[1] = KeyFromText(RandomKey(), 0);
  const CompactionPicker picker(TinyOptions(), kCmp);
  std::set<uint64_t> visited;
  for (size_t i = 0; i < run.size(); ++i) {
    const auto job = picker.Pick(tree, {});
    RC_ASSERT(job.has_value());
    visited.merge(Numbers(job->inputs));
    tree.compact_pointers[1] = job->compact_pointer;
  }
  RC_ASSERT(visited == Numbers(run));
}

}  // namespace
}  // namespace lsm
