// What a picker must do, drawn. For any implementation of the compaction stage: nothing here
// depends on inputs that may be taken along voluntarily, nor on the wording of reasons.
#include <gtest/gtest.h>

#include <stage/compaction/compaction.h>
#include "contract/compaction/concept.h"
#include "contract/compaction/tree_text.h"

namespace lsm {
namespace {

static_assert(CompactionPickerStage<CompactionPicker>);
static_assert(BottomTestStage<BottomTest>);
static_assert(SurvivalRuleStage<SurvivalRule>);

const InternalKeyComparator kCmp(BytewiseComparator());

std::string Pick(const std::string& tree, const BusyFiles& busy = {}) {
  return JobText(CompactionPicker(DrawnOptions(), kCmp).Pick(TreeFromText(tree), busy, 0));
}

std::string PickRange(const std::string& tree, int level, std::string_view begin,
                      std::string_view end, const BusyFiles& busy = {}) {
  return JobText(CompactionPicker(DrawnOptions(), kCmp)
                     .PickRange(TreeFromText(tree), level, level + 1, begin, end, busy));
}

std::string PickWithin(const std::string& tree, int level, std::string_view begin,
                       std::string_view end, const BusyFiles& busy = {}) {
  return JobText(CompactionPicker(DrawnOptions(), kCmp)
                     .PickRange(TreeFromText(tree), level, level, begin, end, busy));
}

double Score(const std::string& tree, int level) {
  return CompactionPicker(DrawnOptions(), kCmp).Score(TreeFromText(tree), level);
}

TEST(KScore, Level0CountsRuns) {
  EXPECT_DOUBLE_EQ(Score("L0: 3[a..b]", 0), 0.5);
  EXPECT_DOUBLE_EQ(Score("L0: 5[a..b] 4[a..b] 3[a..b]*90", 0), 1.5);
}

TEST(KScore, DeeperLevelsCountBytesAgainstTargetsThatGrowByTheRatio) {
  EXPECT_DOUBLE_EQ(Score("L1: 3[a..b]*3", 1), 3);
  EXPECT_DOUBLE_EQ(Score("L2: 3[a..b]*5", 2), 0.5);
}

TEST(KScore, TheLastLevelIsNeverDue) {
  EXPECT_DOUBLE_EQ(Score("L3: 3[a..b]*1000000", 3), 0);
  EXPECT_EQ(Pick("L3: 3[a..b]*1000000"), "none");
}

TEST(KScore, SeveralRunsOfADeeperLevelAreDueAlsoInTheLast) {
  EXPECT_DOUBLE_EQ(Score("L3: 3[a..b] | 2[a..b] | 1[x..y]", 3), 3);
}

// What another policy left behind.
TEST(KPick, SeveralRunsBecomeOneWithinTheirLevel) {
  EXPECT_EQ(Pick("L2: 5[a..c] | 3[a..b] 2[c..f] 1[k..z]\nL3: 7[a..z]"), "L2 5 3 2 + L2");
  EXPECT_EQ(Pick("L3: 5[d..e] | 3[a..b] 2[f..g]"), "L3 5 + L3 move");
  EXPECT_EQ(Pick("L1: 5[a..c] | 4[c..e] | 3[e..g] 2[x..z]"), "L1 5 4 3 + L1");
  EXPECT_EQ(Pick("L1: 5[a..c] | 3[a..b]", {3}), "none");
}

TEST(KPick, AllRunsOfTheNextLevelThatMeetTheInputsComeAlongIntoTheOldest) {
  EXPECT_EQ(PickRange("L0: 9[a..c]\nL1: 7[a..b] 6[x..z] | 5[c..f] | 4[k..m]", 0, {}, {}),
            "L0 9 + L1 7 5");
}

TEST(KRange, WithinALevelRunsBecomeOne) {
  const std::string tree = "L1: 7[a..b] 6[f..g] | 5[b..c] | 4[f..h] 3[x..z]";
  EXPECT_EQ(PickWithin(tree, 1, {}, {}), "L1 7 6 5 4 3 + L1");
  EXPECT_EQ(PickWithin(tree, 1, "g", "h"), "L1 6 4 + L1");
  EXPECT_EQ(PickWithin(tree, 1, "x", "z"), "none");
  EXPECT_EQ(PickWithin(tree, 1, "g", "h", {4}), "none");
  EXPECT_EQ(PickWithin("L3: 7[a..b] | 5[b..c]", 3, {}, {}), "L3 7 5 + L3");
}

TEST(KScore, ATargetTooLargeForAnIntegerIsNeverReached) {
  PickerOptions options;
  options.level1_bytes = uint64_t{1} << 40;
  options.size_ratio = 100;
  const double score = CompactionPicker(options, kCmp).Score(TreeFromText("L8: 3[a..b]", 10), 8);
  EXPECT_GT(score, 0);
  EXPECT_LT(score, 1e-9);
}

TEST(KPick, NothingIsDueInASmallTree) {
  EXPECT_EQ(Pick(""), "none");
  EXPECT_EQ(Pick("L0: 3[a..b]\nL2: 2[a..c]"), "none");
}

TEST(KPick, Level0TakesAllThatOverlapsTransitively) {
  // 9 meets 8, 8 meets 7; 6 meets none of them.
  EXPECT_EQ(Pick("L0: 9[a..c] 8[b..f] 7[f..h] 6[x..z]"), "L0 9 8 7 + L1");
}

TEST(KPick, Level0TakesOlderRunsWhereTheSeedIsTheNewest) {
  EXPECT_EQ(Pick("L0: 9[d..d] 8[a..z] 7[a..a] 6[z..z]\n"
                 "L1: 1[k..l]"),
            "L0 9 8 7 6 + L1 1");
}

TEST(KPick, NextInputsOverlapAnyInput) {
  EXPECT_EQ(PickRange("L0: 9[c..e] 8[d..k]\n"
                      "L1: 1[a..a] 2[b..c] 3[f..g] 4[k..m] 5[n..z]",
                      0, "c", "c"),
            "L0 9 8 + L1 2 3 4");
}

TEST(KPick, InputsTakenAlongBringWhatTheyMeet) {
  const std::string job = Pick("L1: 5[a..c] 6[e..g]\nL2: 1[b..f] 2[g..h]");
  EXPECT_TRUE(job == "L1 5 + L2 1" || job == "L1 5 6 + L2 1 2") << job;
}

TEST(KPick, ATouchingUserKeyOverlaps) {
  EXPECT_EQ(Pick("L1: 5[c..e]\nL2: 1[a..c] 2[e..g] 3[h..i]"), "L1 5 + L2 1 2");
}

TEST(KPick, GrandparentsAreNamed) {
  EXPECT_EQ(Pick("L1: 5[c..e]*20\nL2: 1[a..d]\nL3: 2[a..a] 3[b..z] 4[zz..zz]"),
            "L1 5 + L2 1 over 2 3");
}

TEST(KPick, TheHighestScoreGoesFirst) {
  EXPECT_EQ(Pick("L0: 9[a..b] 8[a..b]\nL1: 5[x..y]*3"), "L1 5 + L2 move");
  EXPECT_EQ(Pick("L0: 9[a..b] 8[a..b]\nL2: 5[x..y]*30"), "L2 5 + L3 move");
}

TEST(KPick, ABusyInputSendsThePickToTheNextBestLevel) {
  const std::string tree = "L0: 9[a..b] 8[a..b] 7[a..b] 6[a..b]\nL1: 5[x..y]*1";
  EXPECT_EQ(Pick(tree), "L0 9 8 7 6 + L1");
  EXPECT_EQ(Pick(tree, {8}), "L1 5 + L2 move");
  EXPECT_EQ(Pick(tree, {8, 5}), "none");
}

TEST(KPick, ABusyNextInputDoesToo) {
  const std::string tree = "L0: 9[a..b] 8[a..b] 7[a..b] 6[a..b]\nL1 after c: 4[b..c] 5[x..y]";
  EXPECT_EQ(Pick(tree, {4}), "L1 5 + L2 move");
  EXPECT_EQ(Pick(tree, {4, 5}), "none");
}

TEST(KSplit, VersionsOfOneUserKeyInNeighboursAreInputsTogether) {
  EXPECT_EQ(Pick("L1: 5[a..k@9] 6[k@3..m@9] 7[m@2..p] 8[q..z]"), "L1 5 6 7 + L2");
  EXPECT_EQ(Pick("L1 after l: 5[a..k@9] 6[k@3..m@9] 8[q..z]"), "L1 5 6 + L2");
}

TEST(KSplit, NeitherAreTheySplitInTheOutputLevel) {
  EXPECT_EQ(Pick("L1: 5[b..c]\nL2: 1[a..k@4] 2[k@3..m] 3[n..z]"), "L1 5 + L2 1 2");
}

TEST(KMove, OnlyWithoutOverlap) {
  EXPECT_EQ(Pick("L1: 5[c..e]\nL2: 1[a..b] 2[f..g]"), "L1 5 + L2 move");
  EXPECT_EQ(Pick("L1: 5[c..e]\nL2: 1[a..b] 2[e..g]"), "L1 5 + L2 2");
}

TEST(KMove, FromLevel0ToAnEmptyLevel1) { EXPECT_EQ(Pick("L0: 9[a..b] 8[c..d]"), "L0 9 + L1 move"); }

TEST(KMove, NotOverTooManyGrandparents) {
  EXPECT_EQ(Pick("L1: 5[c..e]\nL3: 1[a..z]*10"), "L1 5 + L2 over 1 move");
  EXPECT_EQ(Pick("L1: 5[c..e]\nL3: 1[a..z]*11"), "L1 5 + L2 over 1");
}

TEST(KRound, ThePickBeginsBehindThePointer) {
  const std::string files = "5[a..c] 6[d..f] 7[g..i]";
  EXPECT_EQ(Pick("L1: " + files), "L1 5 + L2 move");
  EXPECT_EQ(Pick("L1 after c: " + files), "L1 6 + L2 move");
  EXPECT_EQ(Pick("L1 after f: " + files), "L1 7 + L2 move");
}

TEST(KRound, AndBeginsAnewBehindTheLastTable) {
  EXPECT_EQ(Pick("L1 after i: 5[a..c] 6[d..f] 7[g..i]"), "L1 5 + L2 move");
}

TEST(KRound, TheJobNamesTheNextPointer) {
  const CompactionPicker picker(DrawnOptions(), kCmp);
  const auto job = picker.Pick(TreeFromText("L1 after c: 5[a..c] 6[d..f] 7[g..i]"), {}, 0);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->compact_pointer, KeyFromText("f", 6));
}

TEST(KRange, TakesAllTablesThatMeetTheRange) {
  const std::string tree = "L1: 5[a..c] 6[d..f] 7[g..i]\nL2: 1[a..a] 2[e..h] 3[i..k]";
  EXPECT_EQ(PickRange(tree, 1, "f", "g"), "L1 6 7 + L2 2 3");
  EXPECT_EQ(PickRange(tree, 1, "a", "c"), "L1 5 + L2 1");
}

TEST(KRange, AnOpenEndTakesTheRest) {
  const std::string tree = "L1: 5[a..c] 6[d..f] 7[g..i]";
  EXPECT_EQ(PickRange(tree, 1, {}, {}), "L1 5 6 7 + L2");
  EXPECT_EQ(PickRange(tree, 1, "e", {}), "L1 6 7 + L2");
  EXPECT_EQ(PickRange(tree, 1, {}, "e"), "L1 5 6 + L2");
}

TEST(KRange, TablesBelowAGapBetweenInputsComeAlong) {
  // An output may span the gap.
  EXPECT_EQ(PickRange("L1: 5[a..c] 6[g..i]\nL2: 1[e..e]", 1, "c", "g"), "L1 5 6 + L2 1");
}

TEST(KRange, TheEmptyKeyIsNoOpenEnd) { EXPECT_EQ(PickRange("L1: 5[a..c]", 1, "", ""), "none"); }

TEST(KRange, IsClosedAsAPickIs) {
  EXPECT_EQ(PickRange("L0: 9[a..c] 8[b..f] 7[f..h] 6[x..z]", 0, "g", "g"), "L0 9 8 7 + L1");
}

TEST(KRange, NoneWithoutTablesOrWithABusyOne) {
  const std::string tree = "L1: 5[a..c] 6[d..f]\nL2: 1[c..d]";
  EXPECT_EQ(PickRange(tree, 1, "x", "z"), "none");
  EXPECT_EQ(PickRange(tree, 1, "b", "b", {5}), "none");
  EXPECT_EQ(PickRange(tree, 1, "b", "b", {1}), "none");
}

TEST(KRange, LeavesTheRoundAlone) {
  const CompactionPicker picker(DrawnOptions(), kCmp);
  const auto job = picker.PickRange(TreeFromText("L1: 5[a..c]"), 1, 2, {}, {}, {});
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->compact_pointer, "");
}

TEST(KPolicy, LeveledIsSupported) {
  EXPECT_TRUE(CompactionPicker::Supports(CompactionPolicy::kLeveled));
}

TEST(KPick, EveryJobSaysWhy) {
  const CompactionPicker picker(DrawnOptions(), kCmp);
  const auto picked = picker.Pick(TreeFromText("L0: 9[a..b] 8[c..d]"), {}, 0);
  const auto ranged = picker.PickRange(TreeFromText("L1: 5[a..c]"), 1, 2, {}, {}, {});
  ASSERT_TRUE(picked.has_value() && ranged.has_value());
  EXPECT_NE(picked->reason, "");
  EXPECT_NE(ranged->reason, "");
  EXPECT_DOUBLE_EQ(picked->score, 1);
}

// A user's order that is not the bytewise one.
class ReverseComparator final : public Comparator {
 public:
  int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
  std::string_view Name() const override { return "test.Reverse"; }
  void FindShortestSeparator(std::string*, std::string_view) const override {}
  void FindShortSuccessor(std::string*) const override {}
};

TEST(KPick, TheComparatorsOrderCounts) {
  const ReverseComparator reverse;
  const CompactionPicker picker(DrawnOptions(), InternalKeyComparator(&reverse));
  const Tree tree = TreeFromText("L1: 5[z..x] 6[d..b]\nL2: 1[y..w] 2[a..a]");
  EXPECT_EQ(JobText(picker.PickRange(tree, 1, 2, "x", "x", {})), "L1 5 + L2 1");
  EXPECT_EQ(JobText(picker.PickRange(tree, 1, 2, "w", "e", {})), "none");
}

}  // namespace
}  // namespace lsm
