#include "format/tree.h"

#include <gtest/gtest.h>

namespace lsm {
namespace {

const InternalKeyComparator kComparator(BytewiseComparator());

FileRef File(uint64_t number, std::string_view smallest, std::string_view largest) {
  auto file = std::make_shared<FileMeta>();
  file->number = number;
  file->bytes = number * 10;
  file->smallest = MakeInternalKey(smallest, 9, ValueType::kValue);
  file->largest = MakeInternalKey(largest, 3, ValueType::kValue);
  return file;
}

// Level 0: 8[a..k] 7[c..z]; level 1: 3[a..c] 4[d..f] 5[h..k].
Tree Sample() {
  Tree tree;
  tree.levels[0].runs = {{File(8, "a", "k")}, {File(7, "c", "z")}};
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

TEST(TreeTest, SeveralRunsInADeepLevelAreCorruption) {
  Tree tree;
  tree.levels[3].runs = {{File(1, "a", "b")}, {File(2, "c", "d")}};
  EXPECT_EQ(Broken(tree), "Corruption: level 3 holds 2 runs");
}

TEST(TreeTest, EmptyRunIsCorruption) {
  Tree tree;
  tree.levels[1].runs = {{}};
  EXPECT_EQ(Broken(tree), "Corruption: level 1 holds an empty run");
}

TEST(TreeTest, RunOfSeveralTablesInLevel0IsCorruption) {
  Tree tree;
  tree.levels[0].runs = {{File(1, "a", "b"), File(2, "c", "d")}};
  EXPECT_EQ(Broken(tree), "Corruption: level 0 holds a run of several tables");
}

TEST(TreeTest, OlderTableFirstInLevel0IsCorruption) {
  Tree tree;
  tree.levels[0].runs = {{File(1, "a", "b")}, {File(2, "c", "d")}};
  EXPECT_EQ(Broken(tree), "Corruption: level 0: table 2 stands behind table 1");
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
