#include "format/internal_key.h"

#include <gtest/gtest.h>

#include <vector>

namespace lsm {
namespace {

// Upside down: shows that nobody relies on the bytewise order.
class ReverseComparator final : public Comparator {
 public:
  int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
  std::string_view Name() const override { return "test.Reverse"; }
  void FindShortestSeparator(std::string* /*start*/, std::string_view /*limit*/) const override {}
  void FindShortSuccessor(std::string* /*key*/) const override {}
};

const InternalKeyComparator kComparator(BytewiseComparator());

std::string Key(std::string_view user_key, SequenceNumber sequence,
                ValueType type = ValueType::kValue) {
  return MakeInternalKey(user_key, sequence, type);
}

TEST(InternalKeyTest, HasTheBytesOfLevelDB) {
  EXPECT_EQ(Key("k", 0x010203), std::string("k\x01\x03\x02\x01\0\0\0\0", 9));
}

TEST(InternalKeyTest, ComesBack) {
  for (const std::string& user_key : {std::string(), std::string("k"), std::string(300, 'x')}) {
    for (const SequenceNumber sequence : {SequenceNumber{0}, SequenceNumber{1}, kMaxSequence}) {
      for (const ValueType type : {ValueType::kDeletion, ValueType::kValue}) {
        const std::string key = Key(user_key, sequence, type);
        ParsedInternalKey parsed;
        ASSERT_TRUE(ParseInternalKey(key, &parsed));
        EXPECT_EQ(parsed.user_key, user_key);
        EXPECT_EQ(parsed.sequence, sequence);
        EXPECT_EQ(parsed.type, type);
        EXPECT_EQ(ExtractUserKey(key), user_key);
        EXPECT_EQ(ExtractTag(key), PackTag(sequence, type));
      }
    }
  }
}

TEST(InternalKeyTest, ShorterThanItsTagIsRefused) {
  ParsedInternalKey parsed;
  for (size_t n = 0; n < kTagBytes; ++n) {
    EXPECT_FALSE(ParseInternalKey(std::string(n, '\0'), &parsed));
  }
}

TEST(InternalKeyTest, UnknownTypeIsRefused) {
  ParsedInternalKey parsed;
  std::string key = Key("k", 1);
  key[1] = 2;
  EXPECT_FALSE(ParseInternalKey(key, &parsed));
}

TEST(InternalKeyTest, OrderIsUserKeyThenNewestFirst) {
  const std::vector<std::string> ascending{Key("", 1),
                                           Key("a", 9),
                                           Key("a", 5, ValueType::kValue),
                                           Key("a", 5, ValueType::kDeletion),
                                           Key("a", 0),
                                           Key({"a\0b", 3}, 7),
                                           Key("ab", 100),
                                           Key("b", 1)};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t k = 0; k < ascending.size(); ++k) {
      const int order = kComparator.Compare(ascending[i], ascending[k]);
      EXPECT_EQ(order < 0, i < k);
      EXPECT_EQ(order > 0, i > k);
    }
  }
}

TEST(InternalKeyTest, OrderOfUserKeysIsTheComparators) {
  const ReverseComparator reverse;
  const InternalKeyComparator comparator(&reverse);
  EXPECT_GT(comparator.Compare(Key("a", 1), Key("b", 1)), 0);
  EXPECT_LT(comparator.Compare(Key("a", 2), Key("a", 1)), 0);
}

TEST(InternalKeyTest, SeparatorIsAnInternalKeyInItsRange) {
  std::string start = Key("foo", 100);
  const std::string original = start;
  const std::string limit = Key("hello", 200);
  kComparator.FindShortestSeparator(&start, limit);
  EXPECT_EQ(start, Key("g", kMaxSequence));
  EXPECT_LT(kComparator.Compare(original, start), 0);
  EXPECT_LT(kComparator.Compare(start, limit), 0);
}

TEST(InternalKeyTest, SeparatorOfVersionsOfOneKeyStays) {
  for (const SequenceNumber limit : {SequenceNumber{99}, SequenceNumber{100}}) {
    std::string start = Key("foo", 100);
    kComparator.FindShortestSeparator(&start, Key("foo", limit));
    EXPECT_EQ(start, Key("foo", 100));
  }
}

TEST(InternalKeyTest, SuccessorIsAnInternalKeyBehind) {
  std::string key = Key("foo", 100);
  kComparator.FindShortSuccessor(&key);
  EXPECT_EQ(key, Key("g", kMaxSequence));
  std::string last = Key("\xff\xff", 100);
  kComparator.FindShortSuccessor(&last);
  EXPECT_EQ(last, Key("\xff\xff", 100));
}

TEST(LookupKeyTest, FindsEveryVersionAtOrBelowItsSequence) {
  const LookupKey lookup("k", 5);
  EXPECT_LE(kComparator.Compare(lookup.internal_key(), Key("k", 5, ValueType::kValue)), 0);
  EXPECT_LE(kComparator.Compare(lookup.internal_key(), Key("k", 5, ValueType::kDeletion)), 0);
  EXPECT_LT(kComparator.Compare(lookup.internal_key(), Key("k", 4)), 0);
  EXPECT_GT(kComparator.Compare(lookup.internal_key(), Key("k", 6)), 0);
}

TEST(LookupKeyTest, HoldsKeysOfEveryLength) {
  for (const size_t n : {0, 1, 191, 192, 193, 5000}) {
    const std::string user_key(n, 'k');
    const LookupKey lookup(user_key, 7);
    EXPECT_EQ(lookup.user_key(), user_key);
    EXPECT_EQ(lookup.sequence(), 7u);
    EXPECT_EQ(lookup.internal_key(), Key(user_key, 7));
  }
}

TEST(LookupKeyTest, AcceptsANullView) {
  EXPECT_EQ(LookupKey(std::string_view(), 7).internal_key(), Key("", 7));
}

}  // namespace
}  // namespace lsm
