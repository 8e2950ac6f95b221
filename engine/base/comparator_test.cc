#include "lsm/comparator.h"

#include <gtest/gtest.h>

#include <vector>

namespace lsm {
namespace {

const Comparator& Bytewise() { return *BytewiseComparator(); }

std::string Separator(std::string start, std::string_view limit) {
  Bytewise().FindShortestSeparator(&start, limit);
  return start;
}

std::string Successor(std::string key) {
  Bytewise().FindShortSuccessor(&key);
  return key;
}

// All strings of up to three letters of an alphabet with both ends of the byte range.
std::vector<std::string> ShortStrings() {
  std::vector<std::string> strings{""};
  const std::string alphabet(
      "\0\x01"
      "ab\xfe\xff",
      6);
  for (size_t begin = 0, n = 0; n < 3; ++n) {
    const size_t end = strings.size();
    for (; begin < end; ++begin) {
      for (const char c : alphabet) strings.push_back(strings[begin] + c);
    }
  }
  return strings;
}

TEST(BytewiseComparatorTest, HasTheNameOfLevelDB) {
  EXPECT_EQ(Bytewise().Name(), "leveldb.BytewiseComparator");
}

TEST(BytewiseComparatorTest, BytesAreUnsignedAndAPrefixComesFirst) {
  EXPECT_LT(Bytewise().Compare("a", "b"), 0);
  EXPECT_LT(Bytewise().Compare("\x7f", "\x80"), 0);
  EXPECT_GT(Bytewise().Compare("ab", "a"), 0);
  EXPECT_LT(Bytewise().Compare("", std::string_view("\0", 1)), 0);
  EXPECT_EQ(Bytewise().Compare("a", "a"), 0);
}

TEST(BytewiseComparatorTest, SeparatorIsCutBehindTheFirstDifference) {
  EXPECT_EQ(Separator("abcdefg", "abzzz"), "abd");
  EXPECT_EQ(Separator("the quick brown fox", "the who"), "the r");
}

TEST(BytewiseComparatorTest, SeparatorStaysWhereNothingShorterFits) {
  EXPECT_EQ(Separator("abc", "abd"), "abc");
  EXPECT_EQ(Separator("abc", "abcdef"), "abc");
  EXPECT_EQ(Separator("a\xff", "b"), "a\xff");
}

TEST(BytewiseComparatorTest, SeparatorLiesInItsRangeAndIsNotLonger) {
  const std::vector<std::string> strings = ShortStrings();
  for (const std::string& start : strings) {
    for (const std::string& limit : strings) {
      if (start >= limit) continue;
      const std::string separator = Separator(start, limit);
      ASSERT_LE(start, separator);
      ASSERT_LT(separator, limit);
      ASSERT_LE(separator.size(), start.size());
    }
  }
}

TEST(BytewiseComparatorTest, SuccessorIsNotSmallerAndNotLonger) {
  for (const std::string& key : ShortStrings()) {
    const std::string successor = Successor(key);
    ASSERT_LE(key, successor);
    ASSERT_LE(successor.size(), key.size());
  }
}

TEST(BytewiseComparatorTest, SuccessorRaisesTheFirstByteThatCanBe) {
  EXPECT_EQ(Successor("abc"), "b");
  EXPECT_EQ(Successor("\xff\xff"
                      "abc"),
            "\xff\xff"
            "b");
  EXPECT_EQ(Successor("\xff\xff"), "\xff\xff");
}

}  // namespace
}  // namespace lsm
