#include "cache/block_cache.h"

#include <gtest/gtest.h>

namespace lsm {
namespace {

constexpr size_t kBlockBytes = 1000;

BlockBytes Block(size_t n = kBlockBytes, char fill = 'x') {
  return std::make_shared<const std::string>(n, fill);
}

// Memory that a cache charges for one block of kBlockBytes.
size_t ChargeOfOne() {
  BlockCache cache(Env::Default(), 100 * kBlockBytes);
  cache.Insert(1, 0, Block());
  return cache.UsedBytes();
}

// One shard, with room for exactly `blocks` of kBlockBytes.
BlockCache CacheOf(size_t blocks) { return BlockCache(Env::Default(), blocks * ChargeOfOne()); }

TEST(BlockCacheTest, WhatIsNotThereIsNull) {
  BlockCache cache = CacheOf(3);
  EXPECT_EQ(cache.Lookup(1, 0), nullptr);
  EXPECT_EQ(cache.UsedBytes(), 0u);
}

TEST(BlockCacheTest, BlocksAreToldApartByFileAndOffset) {
  BlockCache cache = CacheOf(4);
  const BlockBytes a = Block(10, 'a');
  const BlockBytes b = Block(10, 'b');
  const BlockBytes c = Block(10, 'c');
  cache.Insert(1, 0, a);
  cache.Insert(1, 4096, b);
  cache.Insert(2, 0, c);
  EXPECT_EQ(cache.Lookup(1, 0), a);
  EXPECT_EQ(cache.Lookup(1, 4096), b);
  EXPECT_EQ(cache.Lookup(2, 0), c);
  EXPECT_EQ(cache.Lookup(2, 4096), nullptr);
}

TEST(BlockCacheTest, LeastRecentlyUsedGoesFirst) {
  BlockCache cache = CacheOf(3);
  for (uint64_t offset = 1; offset <= 3; ++offset) cache.Insert(1, offset, Block());
  EXPECT_NE(cache.Lookup(1, 1), nullptr);  // now 2 is the oldest
  cache.Insert(1, 4, Block());
  EXPECT_EQ(cache.Lookup(1, 2), nullptr);
  for (const uint64_t offset : {1, 3, 4}) EXPECT_NE(cache.Lookup(1, offset), nullptr) << offset;
}

TEST(BlockCacheTest, EvictedBlockLivesOnForItsReader) {
  BlockCache cache = CacheOf(1);
  cache.Insert(1, 0, Block(kBlockBytes, 'a'));
  const BlockBytes held = cache.Lookup(1, 0);
  cache.Insert(1, 1, Block());
  EXPECT_EQ(cache.Lookup(1, 0), nullptr);
  EXPECT_EQ(*held, std::string(kBlockBytes, 'a'));
}

TEST(BlockCacheTest, InsertingAgainReplacesAndIsChargedOnce) {
  BlockCache cache = CacheOf(3);
  const BlockBytes second = Block();
  cache.Insert(1, 0, Block());
  cache.Insert(1, 0, second);
  EXPECT_EQ(cache.Lookup(1, 0), second);
  EXPECT_EQ(cache.UsedBytes(), ChargeOfOne());
}

TEST(BlockCacheTest, BlockThatDoesNotFitIsNotKeptAndEvictsNothing) {
  BlockCache cache = CacheOf(2);
  cache.Insert(1, 0, Block());
  cache.Insert(1, 1, Block(3 * kBlockBytes));
  EXPECT_EQ(cache.Lookup(1, 1), nullptr);
  EXPECT_NE(cache.Lookup(1, 0), nullptr);
}

TEST(BlockCacheTest, CacheWithoutCapacityKeepsNothing) {
  BlockCache cache(Env::Default(), 0);
  cache.Insert(1, 0, Block(0));
  EXPECT_EQ(cache.Lookup(1, 0), nullptr);
  EXPECT_EQ(cache.UsedBytes(), 0u);
}

TEST(BlockCacheTest, EmptyBlocksAreBoundedByTheirOverhead) {
  BlockCache cache(Env::Default(), 100 * kBlockBytes);
  for (uint64_t offset = 0; offset < 10'000; ++offset) cache.Insert(1, offset, Block(0));
  size_t kept = 0;
  for (uint64_t offset = 0; offset < 10'000; ++offset) {
    kept += cache.Lookup(1, offset) != nullptr ? 1 : 0;
  }
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, 1000u);
}

TEST(BlockCacheTest, EraseFileForgetsItsBlocksOnly) {
  BlockCache cache(Env::Default(), 4 << 20);
  for (uint64_t offset = 0; offset < 100; ++offset) {
    cache.Insert(1, offset, Block());
    cache.Insert(2, offset, Block());
  }
  cache.EraseFile(1);
  for (uint64_t offset = 0; offset < 100; ++offset) {
    EXPECT_EQ(cache.Lookup(1, offset), nullptr);
    EXPECT_NE(cache.Lookup(2, offset), nullptr);
  }
  EXPECT_EQ(cache.UsedBytes(), 100 * ChargeOfOne());
}

TEST(BlockCacheTest, NeverHoldsMoreThanItsCapacity) {
  for (const size_t capacity : {size_t{50'000}, size_t{2} << 20}) {
    BlockCache cache(Env::Default(), capacity);
    EXPECT_EQ(cache.CapacityBytes(), capacity);
    uint64_t x = 88172645463325252;
    for (int i = 0; i < 5000; ++i) {
      x ^= x << 13, x ^= x >> 7, x ^= x << 17;
      cache.Insert(x % 7, x / 7 % 1000, Block(x / 7000 % 9000));
      if (i % 500 == 0) cache.EraseFile(x % 7);
      ASSERT_LE(cache.UsedBytes(), capacity);
    }
  }
}

TEST(BlockCacheTest, RegularOffsetsFillAllShards) {
  constexpr size_t kCapacity = 4 << 20;
  BlockCache cache(Env::Default(), kCapacity);
  for (uint64_t i = 0; i < 2 * kCapacity / 4096; ++i) cache.Insert(7, i * 4096, Block(4096));
  EXPECT_GT(cache.UsedBytes(), kCapacity / 10 * 9);
}

TEST(BlockCacheTest, ThreadsShareIt) {
  Env* const env = Env::Default();
  BlockCache cache(env, 2 << 20);
  std::vector<std::unique_ptr<Thread>> threads;
  for (uint64_t file = 0; file < 3; ++file) {
    threads.push_back(env->StartThread("client", [&cache, file] {
      for (uint64_t i = 0; i < 3000; ++i) {
        const char fill = static_cast<char>('a' + i % 26);
        cache.Insert(i % 2, i % 100, Block(kBlockBytes, 'z'));
        cache.Insert(10 + file, i, Block(kBlockBytes, fill));
        const BlockBytes own = cache.Lookup(10 + file, i);
        EXPECT_TRUE(own == nullptr || (*own)[0] == fill);
        if (i % 1000 == 0) cache.EraseFile(file % 2);
      }
    }));
  }
  threads.clear();
  EXPECT_LE(cache.UsedBytes(), cache.CapacityBytes());
}

}  // namespace
}  // namespace lsm
