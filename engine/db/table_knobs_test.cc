// What the knobs of tables do to a database: codecs and filters by level, a cache that a scan does
// not empty. Counted in a simulated world, where the same run gives the same numbers.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stage/bloom/bloom.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>

#include "base/mix.h"
#include "contract/sstable/fixture.h"
#include "format/codec.h"
#include "format/filename.h"
#include "lsm/db.h"
#include "testing/sim/random.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

constexpr char kDir[] = "/db";
constexpr uint64_t kKeys = 8000;

sim::SimOptions QuietWorld() {
  sim::SimOptions options;
  options.switch_per_1024 = 0;  // schedules are not the point, and take time
  return options;
}

class TableKnobs : public testing::Test {
 protected:
  TableKnobs() : env_(QuietWorld()) {
    options_.env = &env_;
    options_.create_if_missing = true;
    options_.compression = Compression::kNone;
    options_.memtable_bytes = 8 << 10;
    options_.max_file_bytes = 8 << 10;
    options_.block_bytes = 512;
    options_.level1_bytes = 16 << 10;
    options_.size_ratio = 4;
    options_.read_io = IoMode::kPlain;
  }

  void Open() {
    db_.reset();
    auto db = DB::Open(options_, kDir);
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    db_ = std::move(*db);
  }
  static std::string Key(uint64_t i) { return fmt::format("key{:07}", i); }
  // The even keys below 2 * kKeys, in random order: they meet in all levels.
  void Fill() {
    sim::Random random(7);
    for (uint64_t i = 0; i < 2 * kKeys; ++i) {
      ASSERT_TRUE(db_->Put({}, Key(2 * random.Below(kKeys)), std::string(40, 'v')).ok());
    }
    ASSERT_TRUE(db_->Flush().ok());
    ASSERT_TRUE(db_->WaitForBackgroundWork().ok());
  }
  std::string Read(const std::string& path) {
    auto size = env_.FileSize(path);
    auto file = env_.OpenSequential(path);
    EXPECT_TRUE(size.ok() && file.ok()) << path;
    std::string bytes(*size, '\0');
    EXPECT_EQ(*(*file)->Read(bytes.size(), bytes.data()), bytes.size());
    return bytes;
  }
  // Calls visit(level, the bytes of a table) for each table.
  template <class Visit>
  void EachTable(Visit visit) {
    std::string list;
    ASSERT_TRUE(db_->GetProperty("lsm.tables", &list));
    std::istringstream lines(list);
    int level = 0;
    uint64_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream(line) >> level >> number;
      visit(level, Read(TableFileName(kDir, number)));
    }
  }
  uint64_t FilterBytes() {
    uint64_t sum = 0;
    EachTable([&](int, const std::string& table) {
      const std::string name = "lsm.filter." + std::string(Bloom::Name());
      const size_t at = table.find(name);
      if (at == table.npos) return;  // no bits at all
      std::string_view handle = std::string_view(table).substr(at + name.size());
      sum += sstable_suite::ReadHandle(&handle).size;
    });
    return sum;
  }
  // Tables searched for nothing while each absent key is asked for.
  uint64_t FalsePositives() {
    const uint64_t before = db_->GetStatistics().filter_false_positives;
    std::string value;
    for (uint64_t i = 0; i < kKeys; ++i) {
      EXPECT_TRUE(db_->Get({}, Key(2 * i + 1), &value).IsNotFound());
    }
    return db_->GetStatistics().filter_false_positives - before;
  }

  sim::SimEnv env_;
  Options options_;
  std::unique_ptr<DB> db_;
};

TEST_F(TableKnobs, EachLevelHasItsCodec) {
  for (const auto& [name, codec] : kCodecNames) {
    if (CodecAvailable(codec)) options_.compression_per_level.push_back(codec);
  }
  const std::vector<Compression>& codecs = options_.compression_per_level;
  Open();
  Fill();
  size_t moved = 0, tables = 0;  // a table that moves down keeps its codec
  EachTable([&](int level, const std::string& table) {
    const Compression of_level = codecs[std::min(static_cast<size_t>(level), codecs.size() - 1)];
    ++tables;
    moved += sstable_suite::FirstBlockType(table) != of_level ? 1 : 0;
  });
  const Statistics statistics = db_->GetStatistics();
  EXPECT_GT(tables, 10u);
  EXPECT_LE(moved, statistics.trivial_moves);
  EXPECT_GT(statistics.level[0].Packed(), 0.9);  // uncompressed
  if (codecs.back() == Compression::kZstd) {
    EXPECT_LT(statistics.level[3].Packed(), 0.5);
  }
}

TEST_F(TableKnobs, UnknownCodecsAreRefusedByName) {
  options_.compression_per_level = {Compression::kNone, static_cast<Compression>(2)};
  const Status s = DB::Open(options_, kDir).status();
  EXPECT_EQ(s.ToString(),
            "Invalid argument: option compression_per_level: there is no compression 2");
  options_.compression_per_level.assign(kMaxLevels + 1, Compression::kNone);
  EXPECT_EQ(DB::Open(options_, kDir).status().code(), StatusCode::kInvalidArgument);
}

// The same updates with the same memory for filters.
TEST_F(TableKnobs, MonkeySearchesFewerTablesForNothingThanUniformBits) {
  options_.bits_per_key = 5;
  Open();
  Fill();
  const uint64_t uniform_bytes = FilterBytes();
  const uint64_t uniform = FalsePositives();
  db_.reset();
  ASSERT_TRUE(DB::Destroy(options_, kDir).ok());
  options_.filter_allocation = FilterAllocation::kMonkey;
  Open();
  Fill();
  const uint64_t monkey_bytes = FilterBytes();
  const uint64_t monkey = FalsePositives();
  EXPECT_LE(monkey_bytes, uniform_bytes + uniform_bytes / 20) << uniform_bytes;
  EXPECT_LT(monkey, uniform - uniform / 5) << uniform;
  EXPECT_GT(monkey, 0u);
  const Statistics statistics = db_->GetStatistics();
  const auto by_bytes = [](const LevelStatistics& a, const LevelStatistics& b) {
    return a.bytes < b.bytes;
  };
  const auto largest = std::max_element(statistics.level.begin(), statistics.level.end(), by_bytes);
  EXPECT_LT(largest->bits_per_key, 5);
  for (const LevelStatistics& level : statistics.level) {
    if (level.files > 0) {
      EXPECT_GE(level.bits_per_key, largest->bits_per_key);
    }
  }
}

TEST_F(TableKnobs, AScanLeavesTheHotBlocksInTheCache) {
  if (!IsReference("sstable")) GTEST_SKIP() << "how it uses the cache is its own choice";
  options_.block_cache_bytes = 64 << 10;
  Open();
  Fill();
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  std::string value;
  const auto misses_of_hot_keys = [&] {
    const uint64_t before = db_->GetStatistics().cache_misses;
    for (uint64_t i = 0; i < 500; i += 10) db_->Get({}, Key(2 * i), &value).IgnoreError();
    return db_->GetStatistics().cache_misses - before;
  };
  EXPECT_GT(misses_of_hot_keys(), 10u);
  EXPECT_EQ(misses_of_hot_keys(), 0u);
  const auto it = db_->NewIterator({});
  uint64_t seen = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++seen;
  EXPECT_GT(seen, kKeys / 2);
  EXPECT_GT(db_->GetStatistics().cache_evictions, 100u);  // the scan went through the cache
  EXPECT_EQ(misses_of_hot_keys(), 0u);
  EXPECT_GT(db_->GetStatistics().cache_protected_hits, 0u);
}

}  // namespace
}  // namespace lsm
