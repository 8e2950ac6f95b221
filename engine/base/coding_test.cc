#include "base/coding.h"

#include <gtest/gtest.h>

#include <vector>

namespace lsm {
namespace {

// Each power of two with its neighbours: every length of a varint, and both ends of each.
std::vector<uint64_t> EdgeValues() {
  std::vector<uint64_t> values{0, UINT64_MAX};
  for (int shift = 0; shift < 64; ++shift) {
    const uint64_t power = uint64_t{1} << shift;
    values.insert(values.end(), {power - 1, power, power + 1});
  }
  return values;
}

TEST(CodingTest, FixedIsLittleEndian) {
  std::string bytes;
  PutFixed32(&bytes, 0x04030201);
  PutFixed64(&bytes, 0x0c0b0a0908070605);
  EXPECT_EQ(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c");
}

TEST(CodingTest, FixedComesBack) {
  for (const uint64_t value : EdgeValues()) {
    std::string bytes;
    PutFixed64(&bytes, value);
    PutFixed32(&bytes, static_cast<uint32_t>(value));
    std::string_view input = bytes;
    uint64_t wide;
    uint32_t narrow;
    ASSERT_TRUE(GetFixed64(&input, &wide) && GetFixed32(&input, &narrow));
    EXPECT_EQ(wide, value);
    EXPECT_EQ(narrow, static_cast<uint32_t>(value));
    EXPECT_TRUE(input.empty());
  }
}

TEST(CodingTest, VarintHasTheBytesOfLevelDB) {
  std::string bytes;
  PutVarint32(&bytes, 300);
  PutVarint64(&bytes, 127);
  PutVarint64(&bytes, 128);
  EXPECT_EQ(bytes, "\xac\x02\x7f\x80\x01");
}

TEST(CodingTest, Varint64ComesBackAndHasItsLength) {
  for (const uint64_t value : EdgeValues()) {
    std::string bytes;
    PutVarint64(&bytes, value);
    EXPECT_EQ(bytes.size(), static_cast<size_t>(VarintLength(value)));
    std::string_view input = bytes;
    uint64_t decoded;
    ASSERT_TRUE(GetVarint64(&input, &decoded));
    EXPECT_EQ(decoded, value);
    EXPECT_TRUE(input.empty());
  }
}

TEST(CodingTest, Varint32RefusesWhatDoesNotFit) {
  for (const uint64_t value : EdgeValues()) {
    std::string bytes;
    PutVarint64(&bytes, value);
    std::string_view input = bytes;
    uint32_t decoded = 0;
    EXPECT_EQ(GetVarint32(&input, &decoded), value <= UINT32_MAX) << value;
    EXPECT_EQ(decoded, value <= UINT32_MAX ? value : 0);
  }
}

TEST(CodingTest, TruncatedVarintIsRefusedAndInputStands) {
  for (const uint64_t value : EdgeValues()) {
    std::string bytes;
    PutVarint64(&bytes, value);
    for (size_t n = 0; n < bytes.size(); ++n) {
      std::string_view input(bytes.data(), n);
      uint64_t wide;
      uint32_t narrow;
      EXPECT_FALSE(GetVarint64(&input, &wide));
      EXPECT_FALSE(GetVarint32(&input, &narrow));
      EXPECT_EQ(input.size(), n);
    }
  }
}

TEST(CodingTest, VarintOfTooManyBitsIsRefused) {
  uint64_t wide;
  uint32_t narrow;
  std::string_view bits65 = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
  EXPECT_FALSE(GetVarint64(&bits65, &wide));
  std::string_view bytes11 = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01";
  EXPECT_FALSE(GetVarint64(&bytes11, &wide));
  std::string_view bytes6("\x81\x80\x80\x80\x80\x00", 6);
  EXPECT_FALSE(GetVarint32(&bytes6, &narrow));
}

TEST(CodingTest, LengthPrefixedComesBack) {
  const std::vector<std::string> values{"", "a", std::string(127, 'b'), std::string(70000, 'c')};
  std::string bytes;
  for (const std::string& value : values) PutLengthPrefixed(&bytes, value);
  std::string_view input = bytes;
  for (const std::string& value : values) {
    std::string_view decoded;
    ASSERT_TRUE(GetLengthPrefixed(&input, &decoded));
    EXPECT_EQ(decoded, value);
  }
  EXPECT_TRUE(input.empty());
}

TEST(CodingTest, LengthBeyondTheInputIsRefusedAndInputStands) {
  std::string_view input =
      "\x05"
      "abcd";
  std::string_view decoded;
  EXPECT_FALSE(GetLengthPrefixed(&input, &decoded));
  EXPECT_EQ(input.size(), 5u);
}

TEST(CodingTest, LengthOfMoreThan32BitsIsRefused) {
  std::string_view input(
      "\x81\x80\x80\x80\x80\x00"
      "a",
      7);  // 1, with six bytes
  std::string_view decoded;
  EXPECT_FALSE(GetLengthPrefixed(&input, &decoded));
}

}  // namespace
}  // namespace lsm
