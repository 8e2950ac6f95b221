#include "format/tree.h"

#include <gtest/gtest.h>

namespace lsm {
namespace {

const InternalKeyComparator kComparator(BytewiseComparator());

FileRef File(uint64_t number, std::string_view smallest, std::string_view largest,
             uint64_t run = 0) {
  auto file = std::make_shared<FileMeta>();
  file->number = number;
  file->bytes = number * 10;
  file->run = run;
  file->smallest = MakeInternalKey(smallest, 9, ValueType::kValue);
  file->largest = MakeInternalKey(largest, 3, ValueType::kValue);
  return file;
}

// Level 0: 8[a..k] 7[c..z]; level 1: 3[a..c] 4[d..f] 5[h..k].
Tree Sample() {
  Tree tree;
  tree.levels[0].runs = {{File(8, "a", "k", 8)}, {File(7, "c", "z", 7)}};
  tree.levels[1].runs = {{File(3, "a", "c"), File(4, "d", "f"), File(5, "h", "k")}};
  return tree;
}

std::string Broken(const Tree& tree) { return CheckTree(tree, kComparator).ToString(); }

std::string Numbers(const std::vector<FileRef>& files) {
  std::string text;
  for (const FileRef& file : files) text += std::to_string(file->number) + " ";
  return text;
}

TEST(TreeTest, EmptyTreeIsInOrder) { EXPECT_EQ(Broken(Tree()), "OK"); }

TEST(TreeTest, Level0MayOverlapAndOthersMayHaveGaps) { EXPECT_EQ(Broken(Sample()), "OK"); }

TEST(TreeTest, SmallestBehindLargestIsCorruption) {
  Tree tree;
  tree.levels[2].runs = {{File(1, "b", "a")}};
  EXPECT_EQ(Broken(tree), "Corruption: level 2: table 1 has its smallest key behind its largest");
}

TEST(TreeTest, VersionsOfOneKeyInTheWrongOrderAreCorruption) {
  FileMeta file = *File(1, "a", "a");
  std::swap(file.smallest, file.largest);
  Tree tree;
  tree.levels[1].runs = {{std::make_shared<FileMeta>(file)}};
  EXPECT_NE(Broken(tree), "OK");
}

TEST(TreeTest, OverlapWithinARunIsCorruption) {
  Tree tree;
  tree.levels[1].runs = {{File(1, "a", "c"), File(2, "b", "d")}};
  EXPECT_EQ(Broken(tree), "Corruption: level 1: tables 1 and 2 overlap or are out of order");
}

TEST(TreeTest, OneUserKeyInTwoTablesOfARunIsCorruption) {
  Tree tree;
  tree.levels[1].runs = {{File(1, "a", "c"), File(2, "c", "d")}};
  EXPECT_EQ(Broken(tree), "Corruption: level 1: tables 1 and 2 overlap or are out of order");
}

TEST(TreeTest, TablesOutOfOrderAreCorruption) {
  Tree tree;
  tree.levels[1].runs = {{File(1, "d", "e"), File(2, "a", "b")}};
  EXPECT_NE(Broken(tree), "OK");
}

TEST(TreeTest, RunsOfALevelMayOverlapOneAnother) {
  Tree tree;
  tree.levels[3].runs = {{File(1, "a", "b", 7), File(4, "c", "d", 7)}, {File(2, "a", "d", 5)}};
  EXPECT_EQ(Broken(tree), "OK");
  EXPECT_EQ(DescribeTree(tree), "L3  3 files  70 bytes: 1[a..b] 4[c..d] | 2[a..d]\n");
}

TEST(TreeTest, AnOlderRunInFrontIsCorruption) {
  Tree tree;
  tree.levels[3].runs = {{File(1, "a", "b", 5)}, {File(2, "c", "d", 7)}};
  EXPECT_EQ(Broken(tree), "Corruption: level 3: run 7 stands behind run 5");
  tree.levels[3].runs = {{File(1, "a", "b", 5)}, {File(2, "c", "d", 5)}};
  EXPECT_EQ(Broken(tree), "Corruption: level 3: run 5 stands behind run 5");
}

TEST(TreeTest, ATableOfAnotherRunIsCorruption) {
  Tree tree;
  tree.levels[1].runs = {{File(1, "a", "b", 5), File(2, "c", "d", 4)}};
  EXPECT_EQ(Broken(tree), "Corruption: level 1: table 2 of run 4 stands in run 5");
}

TEST(TreeTest, TheOnlyRunOfADeeperLevelGetsTheDefaultNumber) {
  auto tree = std::make_shared<Tree>();
  tree->levels[0].runs = {{File(9, "a", "b", 12)}};
  tree->levels[1].runs = {{File(1, "a", "b", 7), File(4, "c", "d", 7)}};
  tree->levels[2].runs = {{File(2, "a", "b", 7)}, {File(3, "a", "b", 3)}};
  const std::shared_ptr<const Tree> renumbered = WithDefaultRuns(tree);
  EXPECT_EQ(RunNumber(renumbered->levels[0].runs[0]), 12u);
  EXPECT_EQ(RunNumber(renumbered->levels[1].runs[0]), 0u);
  EXPECT_EQ(RunNumber(renumbered->levels[2].runs[0]), 7u);
  EXPECT_EQ(DescribeTree(*renumbered), DescribeTree(*tree));
  EXPECT_EQ(Broken(*renumbered), "OK");
  EXPECT_EQ(RunNumber(tree->levels[1].runs[0]), 7u);  // a reader may hold it
  EXPECT_EQ(WithDefaultRuns(renumbered), renumbered);
}

TEST(TreeTest, EmptyRunIsCorruption) {
  Tree tree;
  tree.levels[1].runs = {{}};
  EXPECT_EQ(Broken(tree), "Corruption: level 1 holds an empty run");
}

TEST(TreeTest, OlderTableFirstInLevel0IsCorruption) {
  Tree tree;
  tree.levels[0].runs = {{File(1, "a", "b", 1)}, {File(2, "c", "d", 2)}};
  EXPECT_EQ(Broken(tree), "Corruption: level 0: run 2 stands behind run 1");
}

TEST(TreeTest, OneTableInTwoLevelsIsCorruption) {
  Tree tree = Sample();
  tree.levels[2].runs = {{File(4, "d", "f")}};
  EXPECT_EQ(Broken(tree), "Corruption: table 4 stands twice in the tree");
}

TEST(TreeTest, DescriptionHasALineForEachLevelInUse) {
  EXPECT_EQ(DescribeTree(Sample()),
            "L0  2 files  150 bytes: 8[a..k] 7[c..z]\n"
            "L1  3 files  120 bytes: 3[a..c] 4[d..f] 5[h..k]\n");
}

TEST(TreeTest, OverlappingFilesMeetTheClosedRange) {
  const SortedRun run = Sample().levels[1].runs[0];
  EXPECT_EQ(Numbers(OverlappingFiles(run, kComparator, "c", "d")), "3 4 ");
  EXPECT_EQ(Numbers(OverlappingFiles(run, kComparator, "g", "g")), "");
  EXPECT_EQ(Numbers(OverlappingFiles(run, kComparator, "k", "zz")), "5 ");
  EXPECT_EQ(Numbers(OverlappingFiles(run, kComparator, "", "")), "");
}

TEST(TreeTest, NullBoundsAreOpen) {
  const SortedRun run = Sample().levels[1].runs[0];
  EXPECT_EQ(Numbers(OverlappingFiles(run, kComparator, {}, {})), "3 4 5 ");
  EXPECT_EQ(Numbers(OverlappingFiles(run, kComparator, {}, "d")), "3 4 ");
  EXPECT_EQ(Numbers(OverlappingFiles(run, kComparator, "e", {})), "4 5 ");
}

TEST(TreeTest, FindFileIsTheFirstWhoseLargestKeyIsNotBefore) {
  const SortedRun run = Sample().levels[1].runs[0];
  const auto find = [&](std::string_view user_key, SequenceNumber sequence) {
    return FindFile(run, kComparator, MakeInternalKey(user_key, sequence, ValueType::kValue));
  };
  EXPECT_EQ(find("", 1), 0u);
  EXPECT_EQ(find("c", 3), 0u);
  EXPECT_EQ(find("c", 2), 1u);
  EXPECT_EQ(find("e", 1), 1u);
  EXPECT_EQ(find("g", 1), 2u);
  EXPECT_EQ(find("l", 1), 3u);
  EXPECT_EQ(FindFile({}, kComparator, MakeInternalKey("a", 1, ValueType::kValue)), 0u);
}

}  // namespace
}  // namespace lsm
