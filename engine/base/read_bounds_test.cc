#include "base/read_bounds.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

namespace lsm {
namespace {

std::string End(std::string_view prefix) { return PrefixEnd(prefix).value_or("none"); }

TEST(PrefixEnd, is_the_prefix_with_its_last_byte_one_higher) {
  EXPECT_EQ(End("a"), "b");
  EXPECT_EQ(End("user:7"), "user:8");
  EXPECT_EQ(End(std::string_view("a\0", 2)), "a\x01");
  EXPECT_EQ(End("a\x7f"), "a\x80");
}

TEST(PrefixEnd, drops_trailing_ff_bytes_that_cannot_grow) {
  EXPECT_EQ(End("a\xff"), "b");
  EXPECT_EQ(End("a\xff\xff"), "b");
  EXPECT_EQ(End("a\xff"
                "b"),
            "a\xff"
            "c");
  EXPECT_EQ(End("a\xfe\xff"), "a\xff");
}

TEST(PrefixEnd, there_is_none_behind_all_keys) {
  EXPECT_FALSE(PrefixEnd("").has_value());
  EXPECT_FALSE(PrefixEnd("\xff").has_value());
  EXPECT_FALSE(PrefixEnd("\xff\xff\xff").has_value());
}

// Few different bytes, so that keys often share prefixes and end with 0xff.
rc::Gen<std::string> ShortKeys() {
  return rc::gen::container<std::string>(rc::gen::element('\0', '\xfe', '\xff'));
}

RC_GTEST_PROP(PrefixEnd, a_key_begins_with_the_prefix_if_and_only_if_it_is_within, ()) {
  const std::string prefix = *ShortKeys();
  // Near the prefix: cut off anywhere, the last byte one higher or not, and on from there.
  std::string key = prefix.substr(0, *rc::gen::inRange<size_t>(0, prefix.size() + 1));
  if (!key.empty() && *rc::gen::arbitrary<bool>()) ++key.back();
  key += *ShortKeys();
  const auto end = PrefixEnd(prefix);
  RC_ASSERT(key.starts_with(prefix) == (key >= prefix && (!end.has_value() || key < *end)));
}

RC_GTEST_PROP(ReadBounds, hold_what_lies_within_the_bounds_and_begins_with_the_prefix, ()) {
  const std::string lower = *ShortKeys(), upper = *ShortKeys(), prefix = *ShortKeys();
  const std::string key = (*rc::gen::arbitrary<bool>() ? prefix : "") + *ShortKeys();
  ReadOptions options;
  if (*rc::gen::arbitrary<bool>()) options.lower_bound = lower;
  if (*rc::gen::arbitrary<bool>()) options.upper_bound = upper;
  if (*rc::gen::arbitrary<bool>()) options.prefix = prefix;
  const bool expected = (options.lower_bound.data() == nullptr || key >= lower) &&
                        (options.upper_bound.data() == nullptr || key < upper) &&
                        (options.prefix.data() == nullptr || key.starts_with(prefix));
  const ReadBounds bounds(options);
  RC_ASSERT(expected == ((!bounds.lower.has_value() || key >= *bounds.lower) &&
                         (!bounds.upper.has_value() || key < *bounds.upper)));
}

}  // namespace
}  // namespace lsm
