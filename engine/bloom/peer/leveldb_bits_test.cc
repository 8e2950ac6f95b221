// The filter against LevelDB's own: bit for bit. Built where libleveldb is installed.
#include <gtest/gtest.h>
#include <leveldb/filter_policy.h>
#include <leveldb/slice.h>

#include <memory>
#include <string>
#include <vector>

#include <stage/bloom/bloom.h>

namespace lsm::testing {
namespace {

// Keys of all lengths from 0 on, with all bytes.
std::vector<std::string> Keys(size_t n) {
  std::vector<std::string> keys;
  uint32_t state = 1;
  for (size_t i = 0; i < n; ++i) {
    std::string key(i % 23, '\0');
    for (char& c : key) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    keys.push_back(std::move(key));
  }
  return keys;
}

TEST(BloomPeer, bits_and_name_are_leveldbs) {
  for (const int bits_per_key : {1, 2, 5, 7, 8, 10, 13, 16, 20, 40}) {
    const std::unique_ptr<const leveldb::FilterPolicy> peer(
        leveldb::NewBloomFilterPolicy(bits_per_key));
    EXPECT_EQ(Bloom::Name(), peer->Name());
    for (const size_t n : {0, 1, 2, 6, 7, 63, 64, 1000}) {
      const std::vector<std::string> keys = Keys(n);
      std::vector<leveldb::Slice> slices(keys.begin(), keys.end());
      std::string expected;
      peer->CreateFilter(slices.data(), static_cast<int>(n), &expected);

      std::vector<uint64_t> hashes;
      for (const std::string& key : keys) hashes.push_back(Bloom::Hash(key));
      std::string filter;
      Bloom::Build(hashes, bits_per_key, &filter);
      EXPECT_EQ(filter, expected) << n << " keys at " << bits_per_key;
    }
  }
}

TEST(BloomPeer, answers_are_leveldbs) {
  const std::unique_ptr<const leveldb::FilterPolicy> peer(leveldb::NewBloomFilterPolicy(4));
  const std::vector<std::string> keys = Keys(200);
  std::vector<leveldb::Slice> slices(keys.begin(), keys.begin() + 100);
  std::string filter;
  peer->CreateFilter(slices.data(), 100, &filter);
  for (const std::string& key : keys) {
    EXPECT_EQ(Bloom::MayMatch(Bloom::Hash(key), filter), peer->KeyMayMatch(key, filter));
  }
}

}  // namespace
}  // namespace lsm::testing
