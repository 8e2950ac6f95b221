#include "base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <utility>

namespace lsm {
namespace {

TEST(ArenaTest, FreshArenaUsesNothing) { EXPECT_EQ(Arena().MemoryUsage(), 0u); }

TEST(ArenaTest, AllocationsDoNotOverlap) {
  Arena arena;
  std::vector<std::pair<char*, size_t>> pieces;
  size_t requested = 0;
  for (size_t i = 0; i < 2000; ++i) {
    const size_t n = i % 97 == 0 ? 5000 : 1 + i * 7 % 200;
    char* piece = i % 3 == 0 ? arena.AllocateAligned(n) : arena.Allocate(n);
    std::memset(piece, static_cast<int>(i % 256), n);
    pieces.emplace_back(piece, n);
    requested += n;
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    for (size_t k = 0; k < pieces[i].second; ++k) {
      ASSERT_EQ(static_cast<unsigned char>(pieces[i].first[k]), i % 256);
    }
  }
  EXPECT_GE(arena.MemoryUsage(), requested);
  EXPECT_LE(arena.MemoryUsage(), requested + requested / 4);
}

TEST(ArenaTest, AlignedIsAMultipleOfEight) {
  Arena arena;
  for (size_t n = 1; n < 600; ++n) {
    arena.Allocate(1 + n % 5);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.AllocateAligned(n)) % 8, 0u);
  }
}

TEST(ArenaTest, FirstSmallAllocationTakesASmallBlock) {
  Arena arena;
  arena.Allocate(1);
  EXPECT_LT(arena.MemoryUsage(), 1024u);
}

TEST(ArenaTest, FirstSharedBlockIsSmallAlsoBehindALargePiece) {
  Arena arena;
  arena.Allocate(200);
  arena.Allocate(1);
  EXPECT_LT(arena.MemoryUsage(), 1024u);
}

}  // namespace
}  // namespace lsm
