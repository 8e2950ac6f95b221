#include <stage/version/tree_builder.h>

#include <gtest/gtest.h>

namespace lsm {
namespace {

const InternalKeyComparator kOrder(BytewiseComparator());

std::string Key(std::string_view user_key, SequenceNumber sequence = 1) {
  return MakeInternalKey(user_key, sequence, ValueType::kValue);
}

VersionEdit Add(int level, uint64_t number, std::string_view smallest, std::string_view largest) {
  VersionEdit edit;
  edit.added.emplace_back(
      level, FileMeta{number, 10, Key(smallest), Key(largest), DefaultRun(level, number)});
  return edit;
}

std::string Built(const TreeBuilder& builder) {
  const auto tree = builder.Build();
  return tree.ok() ? DescribeTree(**tree) : tree.status().ToString();
}

TEST(TreeBuilder, NoEditsBuildTheBase) {
  TreeBuilder first(kOrder, Tree(2));
  ASSERT_TRUE(first.Apply(Add(1, 5, "a", "b")).ok());
  const auto base = first.Build();
  ASSERT_TRUE(base.ok());
  const TreeBuilder second(kOrder, **base);
  EXPECT_EQ(Built(second), "L1  1 files  10 bytes: 5[a..b]\n");
}

TEST(TreeBuilder, LevelZeroIsNewestFirstWhateverTheOrderOfEdits) {
  TreeBuilder builder(kOrder, Tree(2));
  ASSERT_TRUE(builder.Apply(Add(0, 9, "a", "z")).ok());
  ASSERT_TRUE(builder.Apply(Add(0, 7, "b", "c")).ok());
  EXPECT_EQ(Built(builder), "L0  2 files  20 bytes: 9[a..z] 7[b..c]\n");
}

TEST(TreeBuilder, RunsOfALevelStandNewestFirst) {
  TreeBuilder builder(kOrder, Tree(2));
  VersionEdit edit;
  edit.added.emplace_back(1, FileMeta{5, 10, Key("k"), Key("m"), 3});
  edit.added.emplace_back(1, FileMeta{6, 10, Key("a"), Key("z"), 4});
  edit.added.emplace_back(1, FileMeta{7, 10, Key("a"), Key("c"), 3});
  ASSERT_TRUE(builder.Apply(edit).ok());
  EXPECT_EQ(Built(builder), "L1  3 files  30 bytes: 6[a..z] | 7[a..c] 5[k..m]\n");
}

TEST(TreeBuilder, StatesBetweenEditsMayOverlap) {
  TreeBuilder builder(kOrder, Tree(2));
  ASSERT_TRUE(builder.Apply(Add(1, 5, "a", "m")).ok());
  ASSERT_TRUE(builder.Apply(Add(1, 6, "c", "z")).ok());
  EXPECT_NE(Built(builder).find("overlap"), std::string::npos);
  VersionEdit edit;
  edit.removed.emplace_back(1, 5);
  ASSERT_TRUE(builder.Apply(edit).ok());
  EXPECT_EQ(Built(builder), "L1  1 files  10 bytes: 6[c..z]\n");
}

TEST(TreeBuilder, GrowsToTheDeepestLevelOfAnEdit) {
  TreeBuilder builder(kOrder, Tree(2));
  ASSERT_TRUE(builder.Apply(Add(4, 5, "a", "b")).ok());
  const auto tree = builder.Build();
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ((*tree)->levels.size(), 5u);
  EXPECT_EQ((*tree)->compact_pointers.size(), 5u);
}

TEST(TreeBuilder, TheLastCompactPointerOfALevelStands) {
  TreeBuilder builder(kOrder, Tree(2));
  VersionEdit edit;
  edit.compact_pointers.emplace_back(1, Key("a"));
  edit.compact_pointers.emplace_back(1, Key("b"));
  ASSERT_TRUE(builder.Apply(edit).ok());
  const auto tree = builder.Build();
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ((*tree)->compact_pointers[1], Key("b"));
}

}  // namespace
}  // namespace lsm
