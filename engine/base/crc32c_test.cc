#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace lsm::crc32c {
namespace {

std::string Bytes(int first, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<char>(first + i * step));
  return bytes;
}

// One bit at a time, from the definition.
uint32_t Definition(std::string_view data) {
  uint32_t crc = 0xffffffff;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, ValuesOfRfc3720) {
  EXPECT_EQ(Value(Bytes(0, 0)), 0x8a9136aaU);
  EXPECT_EQ(Value(Bytes(0xff, 0)), 0x62a8ab43U);
  EXPECT_EQ(Value(Bytes(0, 1)), 0x46dd794eU);
  EXPECT_EQ(Value(Bytes(31, -1)), 0x113fdb5cU);
}

TEST(Crc32cTest, CheckValueOfTheCatalogue) { EXPECT_EQ(Value("123456789"), 0xe3069283U); }

TEST(Crc32cTest, EmptyIsZero) { EXPECT_EQ(Value({}), 0U); }

TEST(Crc32cTest, EveryLengthAndAlignmentAgreesWithTheDefinition) {
  const std::string bytes = Bytes(3, 7) + Bytes(101, 13);
  for (size_t begin = 0; begin < 9; ++begin) {
    for (size_t n = 0; begin + n <= bytes.size(); ++n) {
      const std::string_view data(bytes.data() + begin, n);
      ASSERT_EQ(Value(data), Definition(data)) << begin << " " << n;
      ASSERT_EQ(ExtendPortable(0, data), Definition(data)) << begin << " " << n;
    }
  }
}

TEST(Crc32cTest, ExtendContinuesAtAnySplit) {
  const std::string bytes = Bytes(0, 5);
  for (size_t n = 0; n <= bytes.size(); ++n) {
    EXPECT_EQ(Extend(Value(bytes.substr(0, n)), bytes.substr(n)), Value(bytes));
  }
}

TEST(Crc32cTest, MaskIsReversibleAndChangesTheValue) {
  const uint32_t crc = Value("foo");
  EXPECT_NE(Mask(crc), crc);
  EXPECT_NE(Mask(Mask(crc)), crc);
  EXPECT_EQ(Unmask(Mask(crc)), crc);
  EXPECT_EQ(Unmask(Unmask(Mask(Mask(crc)))), crc);
}

TEST(Crc32cTest, MaskHasTheConstantsOfTheLogFormat) {
  EXPECT_EQ(Mask(0), 0xa282ead8U);
  EXPECT_EQ(Mask(0x8000), 0xa282ead9U);
}

}  // namespace
}  // namespace lsm::crc32c
