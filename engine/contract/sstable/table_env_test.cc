// Contract suite of the sstable stage, (b): files of an environment, and the block cache.
#include "contract/sstable/fixture.h"
#include "testing/sim/sim_env.h"

namespace lsm::sstable_suite {
namespace {

class EnvSuite : public testing::TestWithParam<IoMode> {
 protected:
  EnvSuite() { EXPECT_TRUE(env_.CreateDir("/db").ok()); }

  std::unique_ptr<Table> WriteAndOpen(const TableOptions& options, const Model& model) {
    const std::string path = "/db/000007.ldb";
    WritableFileOptions file_options;
    file_options.io = GetParam();
    file_options.preallocate_bytes = 1 << 16;
    auto out = env_.CreateWritable(path, file_options);
    EXPECT_TRUE(out.ok());
    TableBuilder builder(options, out->get());
    for (const auto& [key, value] : model) EXPECT_TRUE(builder.Add(key, value).ok());
    EXPECT_TRUE(builder.Finish().ok());
    EXPECT_TRUE((*out)->Sync().ok());
    EXPECT_TRUE((*out)->Close().ok());
    auto in = env_.OpenRandomAccess(path, GetParam());
    EXPECT_TRUE(in.ok());
    auto opened = Table::Open(options, std::move(*in));
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return opened.ok() ? std::move(*opened) : nullptr;
  }

  sim::SimEnv env_{sim::SimOptions()};
};
INSTANTIATE_TEST_SUITE_P(Io, EnvSuite, testing::Values(IoMode::kPlain, IoMode::kMapped));

TEST_P(EnvSuite, S_SCAN_ATableInAFileComesBack) {
  const TableOptions options = SmallBlocks();
  const Model model = NumberedModel(options, 200, 40);
  const auto table = WriteAndOpen(options, model);
  ASSERT_NE(table, nullptr);
  Table::Iterator it(table.get(), true);
  ExpectAllEntries(it, model);
  EXPECT_TRUE(table->VerifyChecksums().ok());
}

TEST_P(EnvSuite, S_CRC_OnlyReadBlocksEnterTheCache) {
  BlockCache cache(&env_, 1 << 20);
  TableCounters counters;
  TableOptions options = SmallBlocks();
  options.cache = &cache;
  options.counters = &counters;
  const auto table = WriteAndOpen(options, NumberedModel(options, 50));
  ASSERT_NE(table, nullptr);
  for (int round = 0; round < 2; ++round) {
    Answer answer;
    ASSERT_TRUE(TableGet(*table, NumberedKey(2), kMaxSequence, &answer).ok());
    EXPECT_EQ(answer.state, LookupState::kFound);
  }
  const bool mapped = GetParam() == IoMode::kMapped;
  EXPECT_EQ(cache.UsedBytes() > 0, !mapped);
  EXPECT_EQ(counters.cache_misses.load(), mapped ? 0u : 1u);
  EXPECT_EQ(counters.cache_hits.load(), mapped ? 0u : 1u);
  EXPECT_GT(counters.blocks_read.load(), 0u);
  EXPECT_GT(counters.block_bytes_read.load(), 0u);
}

TEST_P(EnvSuite, AScanThatMustNotFillTheCacheDoesNot) {
  BlockCache cache(&env_, 1 << 20);
  TableOptions options = SmallBlocks();
  options.cache = &cache;
  const Model model = NumberedModel(options, 50);
  const auto table = WriteAndOpen(options, model);
  ASSERT_NE(table, nullptr);
  Table::Iterator it(table.get(), /*fill cache=*/false);
  ExpectAllEntries(it, model);
  EXPECT_EQ(cache.UsedBytes(), 0u);
}

// A cache of one block: the block under an iterator is evicted by other readers.
TEST_P(EnvSuite, S_SCAN_AnIteratorKeepsItsBlockAlive) {
  BlockCache cache(&env_, 100);
  TableOptions options = SmallBlocks();
  options.cache = &cache;
  const Model model = NumberedModel(options, 50);
  const auto table = WriteAndOpen(options, model);
  ASSERT_NE(table, nullptr);
  Table::Iterator it(table.get(), true);
  it.SeekToFirst();
  for (auto want = model.begin(); want != model.end(); ++want) {
    Answer answer;
    ASSERT_TRUE(TableGet(*table, NumberedKey(98), kMaxSequence, &answer).ok());
    ASSERT_TRUE(StandsAt(it, model, want));
    it.Next();
  }
  EXPECT_FALSE(it.Valid());
}

}  // namespace
}  // namespace lsm::sstable_suite
