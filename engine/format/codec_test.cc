#include "format/codec.h"

#include <gtest/gtest.h>

#include "base/coding.h"

namespace lsm {
namespace {

constexpr auto kUnknown = static_cast<Compression>(99);

// Repetitive enough to be compressed.
std::string Text() {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "key" + std::to_string(i % 50) + "=value;";
  return text;
}

std::string Noise(size_t n) {
  std::string bytes;
  uint64_t x = 88172645463325252;
  while (bytes.size() < n) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    bytes.push_back(static_cast<char>(x >> 56));
  }
  return bytes;
}

TEST(CodecTest, NoneIsAvailableAndAnUnknownOneIsNot) {
  EXPECT_TRUE(CodecAvailable(Compression::kNone));
  EXPECT_FALSE(CodecAvailable(kUnknown));
}

TEST(CodecTest, NoneStoresBytesAsTheyAre) {
  std::string out = "old";
  EXPECT_FALSE(Compress(Compression::kNone, Text(), &out));
  ASSERT_TRUE(Uncompress(Compression::kNone, "bytes", &out).ok());
  EXPECT_EQ(out, "bytes");
}

TEST(CodecTest, UnknownCodecIsNotSupportedAndNamed) {
  std::string out;
  EXPECT_FALSE(Compress(kUnknown, Text(), &out));
  EXPECT_EQ(Uncompress(kUnknown, "x", &out).ToString(),
            "Not supported: compression 99 is not in this build");
}

class SnappyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CodecAvailable(Compression::kSnappy)) GTEST_SKIP() << "built without snappy";
  }

  Status Uncompress(std::string_view stored) {
    return lsm::Uncompress(Compression::kSnappy, stored, &out_);
  }

  std::string out_;
};

TEST_F(SnappyTest, CompressedBytesComeBack) {
  std::string stored;
  ASSERT_TRUE(Compress(Compression::kSnappy, Text(), &stored));
  EXPECT_LT(stored.size(), Text().size() / 2);
  ASSERT_TRUE(Uncompress(stored).ok());
  EXPECT_EQ(out_, Text());
}

TEST_F(SnappyTest, LongestRunComesBackThoughItIsDense) {
  const std::string zeros(1 << 20, '\0');
  std::string stored;
  ASSERT_TRUE(Compress(Compression::kSnappy, zeros, &stored));
  ASSERT_TRUE(Uncompress(stored).ok());
  EXPECT_EQ(out_, zeros);
}

TEST_F(SnappyTest, WhatSavesTooLittleIsNotCompressed) {
  std::string stored;
  EXPECT_FALSE(Compress(Compression::kSnappy, Noise(4096), &stored));
  EXPECT_FALSE(Compress(Compression::kSnappy, "", &stored));
}

TEST_F(SnappyTest, HeaderThatClaimsTooMuchIsCorruptionAndAllocatesNothing) {
  for (const uint64_t claim : {uint64_t{1} << 20, uint64_t{0xffffffff}, uint64_t{1} << 40}) {
    std::string bomb;
    PutVarint64(&bomb, claim);
    bomb += "abc";
    EXPECT_TRUE(Uncompress(bomb).IsCorruption()) << claim;
  }
  EXPECT_LT(out_.capacity(), 1024u);
}

TEST_F(SnappyTest, MissingHeaderIsCorruption) {
  EXPECT_TRUE(Uncompress("").IsCorruption());
  EXPECT_TRUE(Uncompress("\xff\xff").IsCorruption());
}

TEST_F(SnappyTest, EveryTruncationIsCorruption) {
  std::string stored;
  ASSERT_TRUE(Compress(Compression::kSnappy, Text(), &stored));
  for (size_t n = 0; n < stored.size(); ++n) {
    EXPECT_TRUE(Uncompress(std::string_view(stored).substr(0, n)).IsCorruption()) << n;
  }
}

}  // namespace
}  // namespace lsm
