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
  EXPECT_FALSE(IsCodec(kUnknown));
  EXPECT_FALSE(Compress(kUnknown, Text(), &out));
  EXPECT_EQ(Uncompress(kUnknown, "x", &out).ToString(),
            "Not supported: compression 99 is not in this build");
}

TEST(CodecTest, NamesAreUniqueAndLeadBackToTheirCodec) {
  for (const auto& [name, codec] : kCodecNames) {
    Compression found = kUnknown;
    EXPECT_TRUE(IsCodec(codec));
    ASSERT_TRUE(CodecOfName(CodecName(codec), &found)) << CodecName(codec);
    EXPECT_EQ(found, codec);
  }
  Compression none = kUnknown;
  EXPECT_FALSE(CodecOfName("gzip", &none));
  EXPECT_FALSE(CodecOfName("", &none));
}

// A codec that this build lacks compresses nothing, and says so when something must be read.
TEST(CodecTest, MissingCodecIsNotSupportedAndNamed) {
  for (const auto& [name, codec] : kCodecNames) {
    if (CodecAvailable(codec)) continue;
    std::string out;
    EXPECT_FALSE(Compress(codec, Text(), &out));
    EXPECT_EQ(Uncompress(codec, "x", &out).ToString(),
              "Not supported: " + CodecName(codec) + " is not in this build");
  }
}

class CompressingCodecTest : public testing::TestWithParam<Compression> {
 protected:
  void SetUp() override {
    if (!CodecAvailable(GetParam())) GTEST_SKIP() << "not in this build";
  }

  bool Compress(std::string_view raw, std::string* stored) {
    return lsm::Compress(GetParam(), raw, stored);
  }
  Status Uncompress(std::string_view stored) { return lsm::Uncompress(GetParam(), stored, &out_); }
  // What a block of `claim` bytes begins with.
  std::string Header(uint64_t claim) {
    std::string header;
    GetParam() == Compression::kLz4 ? PutFixed64(&header, claim) : PutVarint64(&header, claim);
    return header;
  }

  std::string out_;
};
INSTANTIATE_TEST_SUITE_P(All, CompressingCodecTest,
                         testing::Values(Compression::kSnappy, Compression::kLz4,
                                         Compression::kZstd),
                         [](const auto& param) { return CodecName(param.param); });

TEST_P(CompressingCodecTest, CompressedBytesComeBack) {
  std::string stored;
  ASSERT_TRUE(Compress(Text(), &stored));
  EXPECT_LT(stored.size(), Text().size() / 2);
  EXPECT_EQ(stored.substr(0, Header(Text().size()).size()), Header(Text().size()));
  ASSERT_TRUE(Uncompress(stored).ok());
  EXPECT_EQ(out_, Text());
}

TEST_P(CompressingCodecTest, LongestRunComesBackThoughItIsDense) {
  const std::string zeros(1 << 24, '\0');
  std::string stored;
  ASSERT_TRUE(Compress(zeros, &stored));
  ASSERT_TRUE(Uncompress(stored).ok());
  EXPECT_EQ(out_, zeros);
}

TEST_P(CompressingCodecTest, WhatSavesTooLittleIsNotCompressed) {
  std::string stored;
  EXPECT_FALSE(Compress(Noise(4096), &stored));
  EXPECT_FALSE(Compress("", &stored));
}

TEST_P(CompressingCodecTest, HeaderThatClaimsTooMuchIsCorruptionAndAllocatesNothing) {
  for (const uint64_t claim : {uint64_t{1} << 20, uint64_t{0xffffffff}, uint64_t{1} << 40}) {
    EXPECT_TRUE(Uncompress(Header(claim) + "abc").IsCorruption()) << claim;
  }
  EXPECT_LT(out_.capacity(), 1024u);
}

// However much is stored, a block has a largest size.
TEST_P(CompressingCodecTest, ClaimAboveTheLargestBlockIsCorruption) {
  const std::string stored = Header(kMaxBlockBytes + 1) + std::string(1 << 22, '\0');
  EXPECT_TRUE(Uncompress(stored).IsCorruption());
  EXPECT_EQ(out_.capacity(), std::string().capacity());
}

TEST_P(CompressingCodecTest, HeaderThatDoesNotFitTheContentsIsCorruption) {
  std::string stored;
  ASSERT_TRUE(Compress(Text(), &stored));
  const size_t header = Header(Text().size()).size();
  for (const size_t claim : {Text().size() - 1, Text().size() + 1}) {
    ASSERT_EQ(Header(claim).size(), header);
    EXPECT_TRUE(Uncompress(Header(claim) + stored.substr(header)).IsCorruption()) << claim;
  }
}

TEST_P(CompressingCodecTest, MissingHeaderIsCorruption) {
  EXPECT_TRUE(Uncompress("").IsCorruption());
  EXPECT_TRUE(Uncompress("\xff\xff").IsCorruption());
}

TEST_P(CompressingCodecTest, EveryTruncationIsCorruption) {
  std::string stored;
  ASSERT_TRUE(Compress(Text(), &stored));
  for (size_t n = 0; n < stored.size(); ++n) {
    const Status s = Uncompress(std::string_view(stored).substr(0, n));
    EXPECT_TRUE(s.IsCorruption()) << n;
    EXPECT_EQ(s.message().substr(0, CodecName(GetParam()).size()), CodecName(GetParam()));
  }
}

// No checksum stands before it here: what comes back may be wrong, but is of the size claimed.
TEST_P(CompressingCodecTest, DamagedBytesAreSafe) {
  std::string stored;
  ASSERT_TRUE(Compress(Text(), &stored));
  for (size_t bit = 0; bit < 8 * stored.size(); ++bit) {
    std::string damaged = stored;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    const Status s = Uncompress(damaged);
    EXPECT_TRUE(s.ok() || s.IsCorruption()) << bit << ": " << s.ToString();
  }
}

}  // namespace
}  // namespace lsm
