// Which versions survive, and where a tombstone may go. For any implementation of the stage.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include <rapidcheck/gtest.h>

#include <stage/compaction/compaction.h>
#include "contract/compaction/concept.h"
#include "contract/compaction/tree_text.h"
#include "contract/iterator/vector_source.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

bool Always(std::string_view) { return true; }
bool Never(std::string_view) { return false; }

// Judges versions given in merged order as "key@sequence" or "key@sequence-" (a tombstone); the
// survivors.
std::string Survivors(const std::string& versions, std::vector<SequenceNumber> snapshots,
                      std::function<bool(std::string_view)> bottom = Always) {
  SurvivalRule rule(kCmp, std::move(snapshots), std::move(bottom));
  std::istringstream words(versions);
  std::string kept;
  for (std::string word; words >> word;) {
    const size_t at = word.find('@');
    const ParsedInternalKey key{std::string_view(word).substr(0, at),
                                std::stoull(word.substr(at + 1)),
                                word.back() == '-' ? ValueType::kDeletion : ValueType::kValue};
    if (rule.Judge(key) == Survival::kKeep) kept += (kept.empty() ? "" : " ") + word;
  }
  return kept;
}

TEST(KNewest, WithoutSnapshotsOnlyTheNewestVersionSurvives) {
  EXPECT_EQ(Survivors("a@9 a@5 a@1 b@3 b@2", {10}), "a@9 b@3");
}

TEST(KNewest, ASnapshotKeepsTheVersionThatItSees) {
  EXPECT_EQ(Survivors("a@9 a@5 a@3 a@1", {4, 10}), "a@9 a@3");
  EXPECT_EQ(Survivors("a@9 a@5 a@3 a@1", {5, 10}), "a@9 a@5");
  EXPECT_EQ(Survivors("a@9 a@5 a@3 a@1", {1, 3, 10}), "a@9 a@3 a@1");
}

TEST(KNewest, TheSameUserKeyIsNotTakenForAnotherWithItsPrefix) {
  EXPECT_EQ(Survivors("a@5 aa@4 aa@3 ab@2", {10}), "a@5 aa@4 ab@2");
}

TEST(KNewest, TheEmptyKeyIsAKey) { EXPECT_EQ(Survivors("@5 @4 a@3", {10}), "@5 a@3"); }

TEST(KNewest, VersionsThatNoSnapshotSeesYetAreKept) {
  EXPECT_EQ(Survivors("a@9 a@8 a@5 a@4", {6}), "a@9 a@8 a@5");
}

TEST(KTomb, GoesAtTheBottomTogetherWithWhatItHides) {
  EXPECT_EQ(Survivors("a@5- a@4 b@3", {10}), "b@3");
}

TEST(KTomb, StaysAboveAnOlderVersion) { EXPECT_EQ(Survivors("a@5- a@4", {10}, Never), "a@5-"); }

TEST(KTomb, StaysWhileAnOlderSnapshotSeesWhatItHides) {
  EXPECT_EQ(Survivors("a@5- a@3", {4, 10}), "a@5- a@3");
}

TEST(KTomb, StaysAboveTheOldestSnapshotAlthoughNothingLiesBelow) {
  EXPECT_EQ(Survivors("a@6-", {5, 10}), "a@6-");
}

TEST(KTomb, OfAnOldSnapshotGoesBelowANewerVersion) {
  EXPECT_EQ(Survivors("a@9 a@3- a@2", {4, 10}), "a@9");
}

TEST(KBottom, LooksBelowTheOutputOnly) {
  const Tree tree = TreeFromText("L0: 9[a..z]\nL1: 5[a..m]\nL2: 4[a..m]\nL3: 3[c..e] 2[g..i]");
  CompactionJob job;
  job.level = 1;
  job.output_level = 2;
  BottomTest bottom(tree, job, kCmp);
  std::string answers;
  for (const char* key : {"a", "b", "c", "c", "d", "e", "f", "g", "i", "j"}) {
    answers += std::string(key) + (bottom(key) ? "+ " : "- ");
  }
  EXPECT_EQ(answers, "a+ b+ c- c- d- e- f+ g- i- j+ ");
}

TEST(KBottom, LooksAtEveryDeeperLevel) {
  const Tree tree = TreeFromText("L2: 4[x..y]\nL4: 3[c..e]", 5);
  CompactionJob job;
  BottomTest bottom(tree, job, kCmp);
  EXPECT_FALSE(bottom("d"));
  EXPECT_TRUE(bottom("f"));
  EXPECT_FALSE(bottom("x"));
}

// A merge of runs 8 and 5 of level 1, and of table 9 above them, into run 5's place.
TEST(KBottom, LooksAtOlderRunsOfTheOutputsLevelToo) {
  const Tree tree =
      TreeFromText("L0: 9[a..z]\nL1: 8[a..c] 7[x..y] | 5[a..d] | 4[b..e]\nL2: 3[k..m]");
  CompactionJob job;
  job.level = 0;
  job.output_level = 1;
  job.output_run = 1;
  job.inputs = {
      {0, tree.levels[0].runs[0]}, {1, {tree.levels[1].runs[0][0]}}, {1, tree.levels[1].runs[1]}};
  BottomTest bottom(tree, job, kCmp);
  std::string answers;
  for (const char* key : {"a", "b", "e", "f", "k", "m", "n", "x"}) {
    answers += std::string(key) + (bottom(key) ? "+ " : "- ");
  }
  EXPECT_EQ(answers, "a+ b- e- f+ k- m- n+ x+ ");
}

TEST(KBottom, ANewRunHasAllOthersOfItsLevelBelow) {
  const Tree tree = TreeFromText("L1: 8[a..c] | 7[d..e]");
  CompactionJob job;
  job.output_run = 2;
  BottomTest bottom(tree, job, kCmp);
  EXPECT_FALSE(bottom("b"));
  EXPECT_FALSE(bottom("e"));
  EXPECT_TRUE(bottom("f"));
}

TEST(KBottom, InputsAreNotBelow) {
  const Tree tree = TreeFromText("L1: 8[a..c] | 7[a..e] | 6[d..e]");
  CompactionJob job;
  job.level = 1;
  job.output_run = 2;  // the newest input's place
  job.inputs = {{1, tree.levels[1].runs[0]}, {1, tree.levels[1].runs[1]}};
  BottomTest bottom(tree, job, kCmp);
  EXPECT_TRUE(bottom("b"));
  EXPECT_FALSE(bottom("d"));
}

TEST(KBottom, TheLastLevelHasNothingBelow) {
  CompactionJob job;
  job.level = 2;
  job.output_level = 3;
  const Tree tree = TreeFromText("L3: 3[a..z]");
  BottomTest bottom(tree, job, kCmp);
  EXPECT_TRUE(bottom("c"));
}

RC_GTEST_PROP(KBottom, AgreesWithASearchOfAllTables, ()) {
  Tree tree(5);
  uint64_t number = 0;
  for (int level = 1; level < 5; ++level) {
    for (int n = *rc::gen::inRange(0, 3); n-- > 0;) {
      SortedRun run;
      for (int low = *rc::gen::inRange(0, 20); low < 60; low += *rc::gen::inRange(1, 20)) {
        const int high = low + *rc::gen::inRange(0, 10);
        FileMeta file;
        file.number = ++number;
        file.smallest = KeyFromText(std::string(1, static_cast<char>('A' + low)), number);
        file.largest = KeyFromText(std::string(1, static_cast<char>('A' + high)), number);
        file.run = static_cast<uint64_t>(n);
        run.push_back(std::make_shared<FileMeta>(file));
        low = high + 1;
      }
      tree.levels[static_cast<size_t>(level)].runs.push_back(run);
    }
  }
  CompactionJob job;
  job.level = *rc::gen::inRange(0, 4);
  job.output_level = job.level + *rc::gen::inRange(0, 2);
  job.output_run = *rc::gen::inRange<uint64_t>(0, 3);
  std::set<FileRef> inputs;
  for (const SortedRun& run : tree.levels[static_cast<size_t>(job.level)].runs) {
    if (*rc::gen::arbitrary<bool>()) continue;
    job.inputs.push_back({job.level, run});
    inputs.insert(run.begin(), run.end());
  }
  BottomTest bottom(tree, job, kCmp);
  for (char c = 'A'; c < 'A' + 62; c = static_cast<char>(c + *rc::gen::inRange(0, 5))) {
    const std::string_view key(&c, 1);
    bool expected = true;
    for (int level = job.output_level; level < 5; ++level) {
      for (const SortedRun& run : tree.levels[static_cast<size_t>(level)].runs) {
        if (level == job.output_level && RunNumber(run) >= job.output_run) continue;
        for (const FileRef& file : OverlappingFiles(run, kCmp, key, key)) {
          expected = expected && inputs.count(file) > 0;
        }
      }
    }
    RC_ASSERT(bottom(key) == expected);
    if (*rc::gen::inRange(0, 20) == 0) break;
  }
}

// What a reader at `snapshot` gets for `user_key` from `entries`, and behind them from `below`,
// where every version is older.
std::string Read(const Entries& entries, const std::set<std::string>& below,
                 std::string_view user_key, SequenceNumber snapshot) {
  for (const Entry& entry : entries) {
    ParsedInternalKey key;
    LSM_CHECK(ParseInternalKey(entry.key, &key));
    if (key.user_key != user_key || key.sequence > snapshot) continue;
    return key.type == ValueType::kValue ? entry.value : "absent";
  }
  return below.count(std::string(user_key)) > 0 ? "below" : "absent";
}

RC_GTEST_PROP(KNewest, EveryReaderGetsWhatItGotBefore, ()) {
  Entries merged;
  for (SequenceNumber sequence = 1; sequence <= 20; ++sequence) {
    const std::string key = *rc::gen::element<std::string>("", "a", "b");
    merged.push_back(*rc::gen::arbitrary<bool>()
                         ? DeleteEntry(key, sequence)
                         : PutEntry(key, sequence, std::to_string(sequence)));
  }
  SortEntries(&merged, kCmp);
  std::vector<SequenceNumber> snapshots;
  for (SequenceNumber sequence = 0; sequence < 20; ++sequence) {
    if (*rc::gen::inRange(0, 4) == 0) snapshots.push_back(sequence);
  }
  snapshots.push_back(20);
  std::set<std::string> below;
  for (const char* key : {"", "a", "b"}) {
    if (*rc::gen::arbitrary<bool>()) below.insert(key);
  }

  SurvivalRule rule(kCmp, snapshots,
                    [&below](std::string_view key) { return below.count(std::string(key)) == 0; });
  Entries kept;
  for (const Entry& entry : merged) {
    ParsedInternalKey key;
    LSM_CHECK(ParseInternalKey(entry.key, &key));
    if (rule.Judge(key) == Survival::kKeep) kept.push_back(entry);
  }
  for (const char* key : {"", "a", "b"}) {
    for (const SequenceNumber snapshot : snapshots) {
      RC_ASSERT(Read(kept, below, key, snapshot) == Read(merged, below, key, snapshot));
    }
  }
}

}  // namespace
}  // namespace lsm
