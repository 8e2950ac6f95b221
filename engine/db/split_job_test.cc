#include "db/split_job.h"

#include <gtest/gtest.h>

#include <string>

#include "contract/compaction/tree_text.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

// The keys at which a job of all tables of the drawn levels 0 and 1 is cut, each with a space.
std::string Cuts(const std::string& drawn, size_t parts_max, uint64_t tables_min = 1) {
  const Tree tree = TreeFromText(drawn);
  CompactionJob job;
  for (int level = 0; level < 2; ++level) {
    for (const SortedRun& run : tree.levels[static_cast<size_t>(level)].runs) {
      job.inputs.push_back({level, run});
    }
  }
  std::string text;
  for (const std::string& key : SplitKeys(job, kCmp, parts_max, tables_min * kDrawnFileBytes)) {
    text += key + " ";
  }
  return text;
}

TEST(SplitKeys, CutsWhereTablesBegin) {
  EXPECT_EQ(Cuts("L0: 9[a..z]\nL1: 1[a..c] 2[d..f] 3[g..i] 4[j..l]", 2), "g ");
  EXPECT_EQ(Cuts("L0: 9[c..e]\nL1: 1[b..c] 2[d..f] 3[g..i]", 4), "c d g ");
}

TEST(SplitKeys, AnUnsharedThreadOrASmallJobIsNotCut) {
  EXPECT_EQ(Cuts("L0: 9[a..z]\nL1: 1[a..c] 2[d..f] 3[g..i]", 1), "");
  EXPECT_EQ(Cuts("L0: 9[a..z]\nL1: 1[a..c] 2[d..f]", 4, 2), "");
  EXPECT_EQ(Cuts("L0: 9[a..z]\nL1: 1[a..c] 2[d..f] 3[g..i]", 4, 2), "d ");
}

TEST(SplitKeys, TablesThatBeginAtOneKeyAreNotSeparated) {
  EXPECT_EQ(Cuts("L0: 9[a..z] 8[a..y] 7[a..x] 6[a..w]", 4), "");
}

TEST(SplitKeys, ALargeTableMakesALargePart) {
  EXPECT_EQ(Cuts("L0: 9[a..b]*10\nL1: 1[c..d] 2[e..f] 3[g..h]", 4), "c ");
}

}  // namespace
}  // namespace lsm
