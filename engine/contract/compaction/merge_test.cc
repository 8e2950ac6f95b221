// The merge loop: where outputs are cut, what is counted and told, and that no error is lost. For
// any implementation of the stage.
#include <gtest/gtest.h>

#include <stage/compaction/compaction.h>
#include "contract/compaction/concept.h"
#include "contract/compaction/merge_recorder.h"
#include "contract/compaction/tree_text.h"
#include "contract/iterator/vector_source.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());
constexpr uint64_t kTwoEntries = 2 * kEntryBytes;

struct Merge {
  std::vector<SequenceNumber> snapshots = {1000};
  std::vector<FileRef> grandparents;
  bool bottom = true;
  size_t fail_at = VectorSource::kNever;
  RecordingSink sink;
  RecordingObserver observer;
  MergeStatistics statistics;

  Status Run(Entries entries, uint64_t max_file_bytes) {
    SortEntries(&entries, kCmp);
    VectorSource input(kCmp, std::move(entries), fail_at);
    SurvivalRule rule(kCmp, snapshots, [this](std::string_view) { return bottom; });
    return MergeTables(&input, &rule, max_file_bytes, grandparents, kCmp, &sink, &statistics,
                       &observer);
  }
  // User keys of the outputs: "ab|c".
  std::string Outputs() const {
    std::string text;
    for (const Entries& output : sink.outputs()) {
      if (!text.empty()) text += "|";
      for (const Entry& entry : output) text += ExtractUserKey(entry.key);
    }
    return text;
  }
};

Entries Puts(const std::string& keys) {
  Entries entries;
  for (const char& key : keys) {
    entries.push_back(PutEntry(std::string_view(&key, 1), 100 - entries.size()));
  }
  return entries;
}

TEST(KCut, OutputsAreCutAtTheirSize) {
  Merge merge;
  ASSERT_TRUE(merge.Run(Puts("abcde"), kTwoEntries).ok());
  EXPECT_EQ(merge.Outputs(), "ab|cd|e");
  EXPECT_FALSE(merge.sink.has_open_output());
}

TEST(KCut, VersionsOfOneUserKeyStayInOneOutput) {
  Merge merge;
  merge.snapshots = {95, 96, 97, 98, 99, 100};
  ASSERT_TRUE(merge.Run(Puts("abbbbc"), kTwoEntries).ok());
  EXPECT_EQ(merge.Outputs(), "abbbb|c");
}

TEST(KCut, BeforeTooManyGrandparentsAreOverlapped) {
  Merge merge;
  // Ten outputs' bytes are 200: two of these tables, not three.
  merge.grandparents = {FileFromText("1[b..b]"), FileFromText("2[c..d]"), FileFromText("3[e..e]"),
                        FileFromText("4[g..h]")};
  ASSERT_TRUE(merge.Run(Puts("ah"), kTwoEntries).ok());
  EXPECT_EQ(merge.Outputs(), "a|h");
}

TEST(KCut, NotForGrandparentsThatAreFew) {
  Merge merge;
  merge.grandparents = {FileFromText("1[b..b]"), FileFromText("2[c..d]"), FileFromText("3[z..z]")};
  ASSERT_TRUE(merge.Run(Puts("ad"), kTwoEntries).ok());
  EXPECT_EQ(merge.Outputs(), "ad");
}

TEST(KCut, NoOutputWhereNothingSurvives) {
  Merge merge;
  ASSERT_TRUE(merge.Run({DeleteEntry("a", 5), PutEntry("a", 4)}, kTwoEntries).ok());
  EXPECT_EQ(merge.sink.calls(), 0);
  Merge empty;
  ASSERT_TRUE(empty.Run({}, kTwoEntries).ok());
  EXPECT_EQ(empty.sink.calls(), 0);
}

TEST(MergeTables, CountsAndTellsWhatIsDropped) {
  Merge merge;
  ASSERT_TRUE(merge.Run({PutEntry("a", 5), PutEntry("a", 4), DeleteEntry("b", 3)}, 100).ok());
  EXPECT_EQ(merge.observer.dropped(), "shadowed a@4\ntombstone b@3\n");
  EXPECT_EQ(merge.statistics.entries_in, 3U);
  EXPECT_EQ(merge.statistics.entries_out, 1U);
  EXPECT_EQ(merge.statistics.shadowed_dropped, 1U);
  EXPECT_EQ(merge.statistics.tombstones_dropped, 1U);
}

TEST(MergeTables, KeepsValues) {
  Merge merge;
  ASSERT_TRUE(merge.Run({PutEntry("a", 5, "value")}, 100).ok());
  ASSERT_EQ(merge.sink.outputs().size(), 1U);
  EXPECT_EQ(merge.sink.outputs()[0], Entries{PutEntry("a", 5, "value")});
}

TEST(KError, OfTheInputWhereverItHappens) {
  for (size_t fail_at = 0; fail_at <= 5; ++fail_at) {
    Merge merge;
    merge.fail_at = fail_at;
    EXPECT_EQ(merge.Run(Puts("abcde"), kTwoEntries).code(), StatusCode::kIOError) << fail_at;
  }
}

TEST(KError, OfTheSinkWhicheverCallFails) {
  Merge whole;
  ASSERT_TRUE(whole.Run(Puts("abcde"), kTwoEntries).ok());
  for (int call = 0; call < whole.sink.calls(); ++call) {
    Merge merge;
    merge.sink = RecordingSink(call);
    EXPECT_EQ(merge.Run(Puts("abcde"), kTwoEntries).code(), StatusCode::kNoSpace) << call;
    EXPECT_EQ(merge.sink.calls(), call + 1) << "it went on after an error";
  }
}

TEST(KError, AnUnparseableKeyIsCorruption) {
  for (const std::string& bad : {std::string("short"), "a" + std::string(8, '\x7f')}) {
    VectorSource input(kCmp, {Entry{bad, ""}});
    SurvivalRule rule(kCmp, {1000}, [](std::string_view) { return true; });
    Merge merge;
    EXPECT_TRUE(MergeTables(&input, &rule, 100, merge.grandparents, kCmp, &merge.sink,
                            &merge.statistics, &merge.observer)
                    .IsCorruption());
  }
}

TEST(MergeTables, StopsWhenTheObserverSaysSo) {
  Entries entries;
  for (int i = 0; i < 1000; ++i) entries.push_back(PutEntry("key" + std::to_string(i), 1));
  Merge merge;
  merge.observer = RecordingObserver(2);
  EXPECT_EQ(merge.Run(entries, 100).code(), StatusCode::kClosed);
  EXPECT_LT(merge.statistics.entries_in, 1000U);
}

}  // namespace
}  // namespace lsm
