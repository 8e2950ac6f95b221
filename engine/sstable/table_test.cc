// What the reference promises beyond the contract: LevelDB's very bytes, no allocation in a lookup
// that hits, checks of a mapped block once an open, counted reads.
#include <stage/sstable/table.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "contract/sstable/fixture.h"
#include "contract/sstable/leveldb_table.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

void* operator new(size_t n) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(n); p != nullptr) return p;
  std::abort();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace lsm::sstable_suite {
namespace {

TEST(ReferenceTable, HasTheBytesThatLevelDBWrites) {
  TableOptions options = SmallBlocks();
  options.block_bytes = 1024;
  options.bits_per_key = 0;
  EXPECT_EQ(BuildTable(options, LevelDbModel()), FromHex(kLevelDbTable));
}

TEST(ReferenceTable, AHitAllocatesNothing) {
  for (const bool mapped : {false, true}) {
    BlockCache cache(Env::Default(), 1 << 20);
    TableOptions options;
    options.cache = &cache;
    const OpenedTable opened(options, NumberedModel(options, 500, 100), mapped);
    std::string value;
    LookupState state;
    const LookupKey key("k0400", kMaxSequence);
    ASSERT_TRUE(opened.table->Get(key, &value, &state).ok());
    const uint64_t before = allocations.load();
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(opened.table->Get(key, &value, &state).ok());
      ASSERT_EQ(state, LookupState::kFound);
    }
    EXPECT_EQ(allocations.load(), before) << (mapped ? "mapped" : "cached");
  }
}

TEST(ReferenceTable, AMappedBlockIsVerifiedOnceAnOpen) {
  const TableOptions options = SmallBlocks();
  OpenedTable opened(options, NumberedModel(options, 20), /*mapped=*/true);
  Answer answer;
  ASSERT_TRUE(TableGet(*opened.table, NumberedKey(0), kMaxSequence, &answer).ok());
  const size_t value = opened.disk.bytes.find(answer.value);
  opened.disk.bytes[value] = '?';
  // Seen before: believed. Asked for by name: verified again.
  ASSERT_TRUE(TableGet(*opened.table, NumberedKey(0), kMaxSequence, &answer).ok());
  EXPECT_EQ(answer.value[0], '?');
  EXPECT_TRUE(opened.table->VerifyChecksums().IsCorruption());
}

// Each block has a bit of its own: damage in any block is seen though all others were verified.
TEST(ReferenceTable, EachMappedBlockIsVerified) {
  const TableOptions options = SmallBlocks();
  const int n = 300;
  OpenedTable opened(options, NumberedModel(options, n), /*mapped=*/true);
  const uint64_t victim = opened.table->ApproximateOffset(SeekKey(NumberedKey(n)));
  opened.disk.bytes[victim + 4] = static_cast<char>(opened.disk.bytes[victim + 4] ^ 1);
  int damaged = 0;
  for (int i = 0; i < n; ++i) {
    Answer answer;
    const std::string key = NumberedKey(2 * i);
    const bool in_victim = opened.table->ApproximateOffset(SeekKey(key)) == victim;
    ASSERT_EQ(TableGet(*opened.table, key, kMaxSequence, &answer).ok(), !in_victim) << key;
    damaged += in_victim;
  }
  EXPECT_GT(damaged, 0);
}

TEST(ReferenceTable, CountsBlocksAndCacheHits) {
  BlockCache cache(Env::Default(), 1 << 20);
  TableCounters counters;
  TableOptions options = SmallBlocks();
  options.cache = &cache;
  options.counters = &counters;
  const OpenedTable opened(options, NumberedModel(options, 20), /*mapped=*/false);
  EXPECT_EQ(counters.blocks_read.load(), 3u);  // index, metaindex, filter
  for (int i = 0; i < 3; ++i) {
    Answer answer;
    ASSERT_TRUE(TableGet(*opened.table, NumberedKey(0), kMaxSequence, &answer).ok());
  }
  EXPECT_EQ(counters.blocks_read.load(), 4u);
  EXPECT_EQ(counters.cache_misses.load(), 1u);
  EXPECT_EQ(counters.cache_hits.load(), 2u);
}

TEST(ReferenceTable, AbsentKeysLeaveTheValueAlone) {
  const TableOptions options = SmallBlocks();
  const OpenedTable opened(options, NumberedModel(options, 20), /*mapped=*/true);
  std::string value = "before";
  LookupState state;
  ASSERT_TRUE(opened.table->Get(LookupKey(NumberedKey(1), kMaxSequence), &value, &state).ok());
  EXPECT_EQ(state, LookupState::kAbsent);
  EXPECT_EQ(value, "before");
  ASSERT_TRUE(opened.table->Get(LookupKey(NumberedKey(2), kMaxSequence), nullptr, &state).ok());
  EXPECT_EQ(state, LookupState::kFound);
}

}  // namespace
}  // namespace lsm::sstable_suite
