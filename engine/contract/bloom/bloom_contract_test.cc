// The contract of a Bloom stage, clause by clause. Keys are fixed: a rate is measured, not left to
// luck.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <rapidcheck/gtest.h>

#include <stage/bloom/bloom.h>
#include "contract/bloom/concept.h"
#include "contract/bloom/many.h"

namespace lsm::testing {
namespace {

static_assert(BloomStage<Bloom>);

constexpr uint64_t kKeys = 10'000;
constexpr uint64_t kFirstAbsent = 1'000'000;
constexpr uint64_t kProbes = 300'000;

// Two shapes of keys: text, and eight bytes that differ in few bits.
std::string Key(uint64_t i, bool binary) {
  if (!binary) return "user" + std::to_string(100'000'000 + i);
  std::string key;
  for (int shift = 0; shift < 64; shift += 8) key.push_back(static_cast<char>(i >> shift));
  return key;
}

std::vector<uint64_t> Hashes(uint64_t first, uint64_t count, bool binary) {
  std::vector<std::string> keys;
  for (uint64_t i = first; i < first + count; ++i) keys.push_back(Key(i, binary));
  return HashAll<Bloom>(keys);
}

std::string Filter(uint64_t keys, double bits_per_key, bool binary = false) {
  std::string filter = "replaced";
  Bloom::Build(Hashes(0, keys, binary), bits_per_key, &filter);
  return filter;
}

// The hashes of kProbes keys that are in no filter.
const std::vector<uint64_t>& AbsentHashes(bool binary) {
  static const std::vector<uint64_t> text = Hashes(kFirstAbsent, kProbes, false),
                                     bytes = Hashes(kFirstAbsent, kProbes, true);
  return binary ? bytes : text;
}

// The share of absent keys that the filter lets through.
double MeasuredRate(const std::string& filter, bool binary = false) {
  const std::vector<bool> matches = MayMatchAll<Bloom>(AbsentHashes(binary), filter);
  return static_cast<double>(std::count(matches.begin(), matches.end(), true)) / kProbes;
}

// Three standard deviations of a measured rate.
double Noise(double rate) { return 3 * std::sqrt(rate / kProbes); }

TEST(BloomContract, B_NONEG_every_key_matches) {
  for (const uint64_t keys : {1, 2, 3, 10, 100, 1000}) {
    for (const double bits : {0.5, 1.0, 4.0, 7.3, 10.0, 20.0, 40.0}) {
      for (const bool binary : {false, true}) {
        const std::string filter = Filter(keys, bits, binary);
        const std::vector<bool> matches = MayMatchAll<Bloom>(Hashes(0, keys, binary), filter);
        for (uint64_t i = 0; i < keys; ++i) {
          ASSERT_TRUE(matches[i]) << i << " of " << keys << " keys at " << bits;
        }
      }
    }
  }
}

RC_GTEST_PROP(BloomContract, B_NONEG_any_keys, (const std::vector<std::string>& keys)) {
  const double bits = *rc::gen::inRange(1, 400) / 10.0;
  std::vector<uint64_t> hashes;
  for (const std::string& key : keys) hashes.push_back(Bloom::Hash(key));
  std::string filter;
  Bloom::Build(hashes, bits, &filter);
  for (const std::string& key : keys) RC_ASSERT(Bloom::MayMatch(Bloom::Hash(key), filter));
}

TEST(BloomContract, B_NONEG_empty_keys_and_bytes_above_127) {
  const std::vector<std::string> keys = {"",     std::string(1, '\0'), std::string(2, '\0'),
                                         "\xff", "\xff\xff\xff",       "\x80\x81\x82\x83\x84"};
  std::vector<uint64_t> hashes;
  for (const std::string& key : keys) hashes.push_back(Bloom::Hash(key));
  std::string filter;
  Bloom::Build(hashes, 10, &filter);
  for (const std::string& key : keys) EXPECT_TRUE(Bloom::MayMatch(Bloom::Hash(key), filter));
}

TEST(BloomContract, B_RATE_is_near_the_optimum) {
  for (const bool binary : {false, true}) {
    for (int bits = 4; bits <= 20; ++bits) {
      const double limit = 1.6 * std::pow(0.6185, bits);
      EXPECT_LE(MeasuredRate(Filter(kKeys, bits, binary), binary), limit + Noise(limit))
          << bits << " bits a key";
    }
  }
}

TEST(BloomContract, B_EMPTY_a_filter_of_no_keys_matches_nothing) {
  for (const double bits : {1.0, 10.0, 40.0}) {
    EXPECT_EQ(MeasuredRate(Filter(0, bits)), 0);
  }
}

TEST(BloomContract, B_EMPTY_no_bytes_match_everything) { EXPECT_EQ(MeasuredRate(""), 1); }

TEST(BloomContract, B_EMPTY_an_unknown_encoding_matches_everything) {
  EXPECT_EQ(MeasuredRate(std::string(100, '\0') + '\xff'), 1);
}

RC_GTEST_PROP(BloomContract, B_EMPTY_any_bytes_are_safe, (const std::string& bytes)) {
  const std::string exact(bytes);  // of its own size, so that a sanitizer sees a byte too much
  for (uint64_t i = 0; i < 20; ++i) (void)Bloom::MayMatch(Bloom::Hash(Key(i, false)), exact);
  (void)Bloom::MayMatch(*rc::gen::arbitrary<uint64_t>(), exact);
}

TEST(BloomContract, B_SIZE_is_bounded) {
  for (const uint64_t keys : {0, 1, 5, 6, 7, 64, 999, 10'000}) {
    for (const double bits : {1.0, 4.0, 10.0, 13.7, 40.0}) {
      const size_t size = Filter(keys, bits).size();
      EXPECT_GE(size, 8u) << keys << " keys at " << bits;
      EXPECT_LE(size, std::ceil(static_cast<double>(keys) * bits / 8) + 16)
          << keys << " keys at " << bits;
    }
  }
}

TEST(BloomContract, B_NAME_names_the_bits) {
  ASSERT_FALSE(std::string_view(Bloom::Name()).empty());
  // The example of docs/formats/bloom.md.
  const unsigned char leveldb[] = {0x41, 0x10, 0x00, 0x00, 0x00, 0x40, 0xd0, 0x0f, 0x06};
  const std::string expected(leveldb, leveldb + sizeof(leveldb));
  std::string filter;
  const std::vector<uint64_t> hashes = {Bloom::Hash("apple"), Bloom::Hash("fig")};
  Bloom::Build(hashes, 10, &filter);
  EXPECT_EQ(Bloom::Name() == "leveldb.BuiltinBloomFilter2", filter == expected);
}

TEST(BloomContract, B_NAME_leveldbs_hash_takes_bytes_as_unsigned) {
  if (Bloom::Name() != "leveldb.BuiltinBloomFilter2") GTEST_SKIP() << "bits of its own";
  EXPECT_EQ(Bloom::Hash(""), 0xbc9f1d34u);
  EXPECT_EQ(Bloom::Hash("\x62"), 0xef1345c4u);
  EXPECT_EQ(Bloom::Hash("\xc3\x97"), 0x5b663814u);
  EXPECT_EQ(Bloom::Hash("\xe2\x99\xa5"), 0x323c078fu);
  EXPECT_EQ(Bloom::Hash("\xe1\x80\xb9\x32"), 0xed21633au);
}

TEST(BloomContract, B_NAME_the_same_keys_give_the_same_bits) {
  EXPECT_EQ(Filter(1000, 10), Filter(1000, 10));
}

TEST(BloomContract, B_BITS_reach_the_wanted_rate) {
  for (const double rate : {0.5, 0.1, 0.03, 0.01, 0.003, 0.001}) {
    const double bits = Bloom::BitsPerKeyFor(rate);
    ASSERT_GE(bits, 1);
    ASSERT_LE(bits, 40);
    EXPECT_LE(MeasuredRate(Filter(kKeys, bits)), 1.1 * rate + Noise(rate))
        << bits << " bits a key for " << rate;
  }
}

TEST(BloomContract, B_BITS_stay_in_their_range) {
  for (const double rate : {0.0, 1e-300, 1e-9, 0.999, 1.0, 2.0}) {
    EXPECT_GE(Bloom::BitsPerKeyFor(rate), 1) << rate;
    EXPECT_LE(Bloom::BitsPerKeyFor(rate), 40) << rate;
  }
}

TEST(BloomContract, B_BITS_a_lower_rate_costs_no_fewer_bits) {
  double previous = 0;
  for (double rate = 1; rate > 1e-8; rate *= 0.7) {
    EXPECT_GE(Bloom::BitsPerKeyFor(rate), previous) << rate;
    previous = Bloom::BitsPerKeyFor(rate);
  }
}

}  // namespace
}  // namespace lsm::testing
