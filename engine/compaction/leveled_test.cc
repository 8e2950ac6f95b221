// What the reference's leveled policy does beyond the contract: it grows inputs where that is free,
// and explains itself in so many words.
#include <stage/compaction/compaction.h>

#include <gtest/gtest.h>

#include "contract/compaction/tree_text.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

std::optional<CompactionJob> Pick(const std::string& tree, const BusyFiles& busy = {}) {
  return CompactionPicker(DrawnOptions(), kCmp).Pick(TreeFromText(tree), busy, 0);
}

std::string Reason(const std::string& tree) {
  const auto job = Pick(tree);
  return job ? job->reason : "none";
}

TEST(Leveled, GrowsInputsThatAddNothingBelow) {
  EXPECT_EQ(JobText(Pick("L1: 5[a..c] 6[d..f] 7[g..i]\nL2: 1[b..e]")), "L1 5 6 + L2 1");
}

TEST(Leveled, DoesNotGrowWhereThatAddsBelow) {
  EXPECT_EQ(JobText(Pick("L1: 5[a..c] 6[d..f]\nL2: 1[b..e] 2[f..g]")), "L1 5 + L2 1");
}

TEST(Leveled, DoesNotGrowIntoABusyTable) {
  EXPECT_EQ(JobText(Pick("L1: 5[a..c] 6[d..f]\nL2: 1[b..e]", {6})), "L1 5 + L2 1");
}

TEST(Leveled, DoesNotGrowWithoutLimit) {
  EXPECT_EQ(JobText(Pick("L1: 5[a..c] 6[d..f]*23\nL2: 1[b..e]")), "L1 5 6 + L2 1");
  EXPECT_EQ(JobText(Pick("L1: 5[a..c] 6[d..f]*24\nL2: 1[b..e]")), "L1 5 + L2 1");
}

TEST(Leveled, ThePointerCoversGrownInputs) {
  const auto job = Pick("L1: 5[a..c] 6[d..f] 7[g..i]\nL2: 1[b..e]");
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->compact_pointer, KeyFromText("f", 6));
}

TEST(Leveled, OfEqualScoresTheUpperLevelGoesFirst) {
  EXPECT_EQ(JobText(Pick("L0: 9[a..b] 8[a..b]\nL1: 5[x..y]")), "L0 9 8 + L1");
}

TEST(Leveled, Level0StartsAtTheFrontOfTheRoundToo) {
  EXPECT_EQ(JobText(Pick("L0: 9[x..y] 8[d..f] 7[e..k]")), "L0 8 7 + L1");
  EXPECT_EQ(JobText(Pick("L0 after k: 9[x..y] 8[d..f] 7[e..k]")), "L0 9 + L1 move");
}

TEST(Leveled, ReasonsCarryTheirNumbers) {
  EXPECT_EQ(Reason("L0: 9[a..b] 8[a..b] 7[x..y]"), "level 0 has 3 runs, trigger 2");
  EXPECT_EQ(Reason("L1: 5[a..c]*3"),
            "level 1 holds 300 bytes of 100 bytes; next in round robin from the front");
  EXPECT_EQ(Reason("L2 after b: 5[a..c]*12"),
            "level 2 holds 1.172 KiB of 1000 bytes; next in round robin after key b");
  EXPECT_EQ(Reason("L1: 5[a..c]*100000000"),
            "level 1 holds 9.313 GiB of 100 bytes; next in round robin from the front");
}

TEST(Leveled, AManualReasonNamesTheRange) {
  const CompactionPicker picker(DrawnOptions(), kCmp);
  const Tree tree = TreeFromText("L1: 5[a..c]");
  EXPECT_EQ(picker.PickRange(tree, 1, 2, "b", {}, {})->reason,
            "manual compaction of level 1 from b to the end");
  EXPECT_EQ(picker.PickRange(tree, 1, 2, {}, "b", {})->reason,
            "manual compaction of level 1 from the front to b");
}

}  // namespace
}  // namespace lsm
