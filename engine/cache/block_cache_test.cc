#include "cache/block_cache.h"

#include <gtest/gtest.h>

namespace lsm {
namespace {

constexpr size_t kBlockBytes = 4000;

BlockBytes Block(size_t n = kBlockBytes, char fill = 'x') {
  return std::make_shared<const std::string>(n, fill);
}

// Memory that a cache charges for one block of kBlockBytes.
size_t ChargeOfOne() {
  BlockCache cache(Env::Default(), 100 * kBlockBytes);
  cache.Insert(1, 0, Block());
  return cache.UsedBytes();
}

// One shard, with room for exactly `blocks` of kBlockBytes beside the part of the ghosts (1/32).
BlockCache CacheOf(size_t blocks) {
  return BlockCache(Env::Default(), blocks * ChargeOfOne() * 32 / 31 + 1);
}

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

// Asks for the blocks [first, first + n) of a file as a table does. The number of hits.
size_t Touch(BlockCache* cache, uint64_t file, uint64_t first, uint64_t n) {
  size_t hits = 0;
  for (uint64_t offset = first; offset < first + n; ++offset) {
    if (cache->Lookup(file, offset) != nullptr) {
      ++hits;
    } else {
      cache->Insert(file, offset, Block());
    }
  }
  return hits;
}

constexpr uint64_t kHot = 1, kScanned = 2;

TEST(BlockCacheTest, AScanDoesNotDriveOutTheHotSet) {
  BlockCache cache = CacheOf(100);
  Touch(&cache, kHot, 0, 50);
  ASSERT_EQ(Touch(&cache, kHot, 0, 50), 50u);
  EXPECT_EQ(Touch(&cache, kScanned, 0, 10'000), 0u);
  EXPECT_EQ(Touch(&cache, kHot, 0, 50), 50u);  // a list of 100 by last use alone would have none
  const CacheCounts counts = cache.Counts();
  EXPECT_EQ(counts.probation_hits, 50u);
  EXPECT_EQ(counts.protected_hits, 50u);
  EXPECT_EQ(counts.evictions, 10'000u - 50);
}

// While the scan goes on, a round of the hot set for each thousand blocks of it.
TEST(BlockCacheTest, AHotSetStaysHotBesideManyScans) {
  BlockCache cache = CacheOf(100);
  Touch(&cache, kHot, 0, 70);
  size_t hits = 0;
  for (uint64_t round = 0; round < 20; ++round) {
    hits += Touch(&cache, kHot, 0, 70);
    Touch(&cache, kScanned, round * 1000, 1000);
  }
  EXPECT_EQ(hits, 20u * 70);
}

// What was hot before must not stay for ever: asked for in turn, 70 new blocks never meet in the
// third of the cache that is not protected. Their ghosts bring them in.
TEST(BlockCacheTest, ANewHotSetTakesThePlaceOfTheOld) {
  BlockCache cache = CacheOf(100);
  for (int round = 0; round < 5; ++round) Touch(&cache, kHot, 0, 70);
  Touch(&cache, kHot, 1000, 70);
  Touch(&cache, kHot, 1000, 70);
  EXPECT_GT(cache.Counts().ghost_hits, 0u);
  EXPECT_EQ(Touch(&cache, kHot, 1000, 70), 70u);
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
  BlockCache cache(Env::Default(), 100'000);
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
