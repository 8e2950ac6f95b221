// MultiGet, prefixes, sizes, deletion of files, compaction of one level; in a simulated world, so
// that blocks and files are counted exactly.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include <rapidcheck/gtest.h>

#include "base/mix.h"
#include "lsm/db.h"
#include "lsm/event.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

class VerbsTest : public testing::Test {
 protected:
  VerbsTest() {
    options_.env = &env_;
    options_.create_if_missing = true;
    options_.memtable_bytes = 1 << 20;
    options_.block_cache_bytes = 0;
    options_.compression = Compression::kNone;
    options_.l0_compaction_trigger = 90;
    options_.l0_slowdown_trigger = 95;
    options_.l0_stop_trigger = 99;
  }
  void Open() {
    db_.reset();
    auto db = DB::Open(options_, "/db");
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    db_ = std::move(*db);
  }
  void Put(std::string_view key, std::string_view value) {
    ASSERT_TRUE(db_->Put({}, key, value).ok());
  }
  // A table of its own in level 0.
  void PutTable(const std::map<std::string, std::string>& entries) {
    for (const auto& [key, value] : entries) Put(key, value);
    ASSERT_TRUE(db_->Flush().ok());
  }
  std::string Get(std::string_view key) {
    std::string value;
    const Status s = db_->Get({}, key, &value);
    return s.ok() ? value : s.IsNotFound() ? "-" : s.ToString();
  }
  std::string MultiGet(const std::vector<std::string_view>& keys, const Snapshot* at = nullptr) {
    ReadOptions read;
    read.snapshot = at;
    std::vector<std::string> values;
    std::string text;
    const std::vector<Status> statuses = db_->MultiGet(read, keys, &values);
    for (size_t i = 0; i < keys.size(); ++i) {
      text += (i == 0 ? "" : " ") + (statuses[i].ok()           ? values[i]
                                     : statuses[i].IsNotFound() ? "-"
                                                                : statuses[i].ToString());
    }
    return text;
  }
  std::string Scan(std::string_view prefix) {
    ReadOptions read;
    read.prefix = prefix;
    const auto it = db_->NewIterator(read);
    std::string text;
    for (it->SeekToFirst(); it->Valid(); it->Next()) text += std::string(it->key()) + " ";
    return it->status().ok() ? text : it->status().ToString();
  }
  std::vector<uint64_t> Sizes(const std::vector<Range>& ranges, bool memtables = false) {
    std::vector<uint64_t> bytes;
    EXPECT_TRUE(db_->ApproximateSizes({memtables}, ranges, &bytes).ok());
    return bytes;
  }
  uint64_t BlocksRead() { return db_->GetStatistics().blocks_read; }
  std::string Levels() {
    std::string text;
    for (const LevelStatistics& level : db_->GetStatistics().level) {
      text += std::to_string(level.files) + " ";
    }
    return text;
  }

  sim::SimEnv env_{sim::SimOptions{}};
  Options options_;
  std::unique_ptr<DB> db_;
};

TEST_F(VerbsTest, multiget_reads_a_block_once_for_all_of_its_keys) {
  if (!IsReference("sstable")) GTEST_SKIP() << "it may read a block for each key";
  for (const IoMode io : {IoMode::kPlain, IoMode::kMapped}) {
    options_.read_io = io;
    Open();
    std::map<std::string, std::string> entries;
    for (int i = 0; i < 50; ++i) entries.emplace(fmt::format("k{:02}", i), "v");
    PutTable(entries);
    EXPECT_EQ(Get("k00"), "v");  // opens the table
    uint64_t before = BlocksRead();
    EXPECT_EQ(MultiGet({"k40", "k03", "k17", "k03", "k21", "k00"}), "v v v v v v");
    EXPECT_EQ(BlocksRead() - before, 1u);
    before = BlocksRead();
    for (const char* key : {"k40", "k03", "k17"}) EXPECT_EQ(Get(key), "v");
    EXPECT_EQ(BlocksRead() - before, 3u);
  }
}

TEST_F(VerbsTest, multiget_opens_a_table_of_a_run_once_and_reads_its_blocks_in_order) {
  if (!IsReference("sstable")) GTEST_SKIP() << "it may read a block for each key";
  options_.block_bytes = 64;
  options_.read_io = IoMode::kPlain;
  options_.bits_per_key = 0;
  Open();
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 40; ++i) entries.emplace(fmt::format("k{:02}", i), "0123456789");
  PutTable(entries);
  Get("k00");
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : entries) keys.push_back(key);
  uint64_t before = BlocksRead();
  MultiGet(keys);
  const uint64_t together = BlocksRead() - before;
  EXPECT_GT(together, 5u);   // so many blocks there are
  EXPECT_LE(together, 20u);  // each read once
  before = BlocksRead();
  for (const std::string_view key : keys) Get(key);
  EXPECT_EQ(BlocksRead() - before, 40u);
}

TEST_F(VerbsTest, multiget_finds_the_newest_of_memtables_and_runs_and_respects_tombstones) {
  Open();
  PutTable({{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}});
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  ASSERT_TRUE(db_->Delete({}, "b").ok());
  PutTable({{"c", "2"}});
  const Snapshot* snapshot = db_->GetSnapshot();
  Put("d", "3");
  ASSERT_TRUE(db_->Delete({}, "a").ok());
  EXPECT_EQ(MultiGet({"d", "c", "b", "a", "e", ""}), "3 2 - - - -");
  EXPECT_EQ(MultiGet({"d", "c", "b", "a"}, snapshot), "1 2 - 1");
  db_->ReleaseSnapshot(snapshot);
  EXPECT_EQ(MultiGet({}), "");
}

TEST_F(VerbsTest, an_error_of_a_table_is_the_error_of_its_keys_alone) {
  options_.read_io = IoMode::kPlain;
  options_.max_open_files = 16;
  Open();
  PutTable({{"a", "1"}, {"b", "1"}});
  PutTable({{"b", "2"}, {"c", "2"}});
  db_.reset();
  Open();
  sim::Fault fault;
  fault.at = {.io = sim::IoKind::kOpen, .file = sim::FileRole::kTable, .nth = 1};
  env_.AddFault(fault);
  const std::string answers = MultiGet({"a", "b"});
  // The newest table of b cannot be read: its older version must not answer.
  EXPECT_EQ(answers.substr(0, 2), "1 ");
  EXPECT_NE(answers.find("IO error"), std::string::npos) << answers;
}

RC_GTEST_FIXTURE_PROP(VerbsTest, multiget_answers_as_gets_at_one_snapshot_do, ()) {
  options_.block_bytes = 64;
  options_.bits_per_key = *rc::gen::element(0.0, 2.0, 10.0);
  options_.read_io = *rc::gen::element(IoMode::kPlain, IoMode::kMapped);
  Open();
  const auto key = [] { return "k" + std::to_string(*rc::gen::inRange(0, 30)); };
  for (int i = *rc::gen::inRange(0, 120); i > 0; --i) {
    switch (*rc::gen::inRange(0, 12)) {
      case 0:
        RC_ASSERT(db_->Flush().ok());
        break;
      case 1:
        RC_ASSERT(db_->CompactRange({.level = *rc::gen::inRange(0, 3)}, {}, {}).ok());
        break;
      case 2:
      case 3:
        RC_ASSERT(db_->Delete({}, key()).ok());
        break;
      default:
        RC_ASSERT(db_->Put({}, key(), std::to_string(i)).ok());
    }
  }
  std::vector<std::string> asked;
  std::string expected;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) asked.push_back(key());
  for (const std::string& k : asked) expected += (expected.empty() ? "" : " ") + Get(k);
  RC_ASSERT(MultiGet({asked.begin(), asked.end()}) == expected);
}

TEST_F(VerbsTest, a_prefix_of_ff_bytes_has_no_end) {
  Open();
  for (const char* key : {"a", "a\xff", "a\xff\xff", "b", "\xff",
                          "\xff\xff"
                          "z"})
    Put(key, "v");
  EXPECT_EQ(Scan("a"), "a a\xff a\xff\xff ");
  EXPECT_EQ(Scan("a\xff"), "a\xff a\xff\xff ");
  EXPECT_EQ(Scan("\xff"),
            "\xff \xff\xff"
            "z ");
  EXPECT_EQ(Scan("\xff\xff"),
            "\xff\xff"
            "z ");
  EXPECT_EQ(Scan("c"), "");
  EXPECT_EQ(Scan("").size(), Scan({}).size());
}

class ReverseOrder final : public Comparator {
 public:
  int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
  std::string_view Name() const override { return "test.Reverse"; }
  void FindShortestSeparator(std::string*, std::string_view) const override {}
  void FindShortSuccessor(std::string*) const override {}
};

TEST_F(VerbsTest, a_prefix_under_another_order_is_refused) {
  const ReverseOrder reverse;
  options_.comparator = &reverse;
  Open();
  EXPECT_NE(Scan("a").find("test.Reverse; use bounds"), std::string::npos) << Scan("a");
  db_.reset();
}

TEST_F(VerbsTest, sizes_of_parts_add_up_to_the_bytes_of_all_tables) {
  options_.block_bytes = 64;
  Open();
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 100; ++i) entries.emplace(fmt::format("k{:02}", i), std::string(50, 'v'));
  PutTable(entries);
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  PutTable(entries);
  const LevelStatistics level0 = db_->GetStatistics().level[0];
  const LevelStatistics level1 = db_->GetStatistics().level[1];
  const auto sizes =
      Sizes({{}, {{}, "k50"}, {"k50", {}}, {"k50", "k60"}, {"k60", "k50"}, {"x", {}}});
  EXPECT_EQ(sizes[0], level0.bytes + level1.bytes);
  EXPECT_EQ(sizes[1] + sizes[2], sizes[0]);
  EXPECT_GT(sizes[3], 2 * 10 * 50u - 2 * 200u);  // ten values twice, within a block or two
  EXPECT_LT(sizes[3], 2 * 10 * 70u + 2 * 200u);
  EXPECT_EQ(sizes[4], 0u);
  EXPECT_EQ(sizes[5], 0u);
}

TEST_F(VerbsTest, sizes_count_memtables_when_asked) {
  Open();
  Put("a", "12345");
  Put("b", "123");
  EXPECT_EQ(Sizes({{}})[0], 0u);
  EXPECT_EQ(Sizes({{}, {"a", "b"}, {"b", {}}}, true), (std::vector<uint64_t>{10, 6, 4}));
}

TEST_F(VerbsTest, deleted_files_take_their_keys_and_bring_no_older_version_back) {
  Open();
  PutTable({{"a", "1"}, {"z", "1"}});
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  PutTable({{"b", "2"}, {"c", "2"}});  // overlaps with the table that stays
  PutTable({{"x", "2"}});
  EXPECT_EQ(*db_->DeleteFilesInRange("b", "x"), 0u);
  EXPECT_EQ(MultiGet({"a", "b", "c", "x", "z"}), "1 2 2 2 1");
  EXPECT_EQ(*db_->DeleteFilesInRange("a", "z"), 3u);
  EXPECT_EQ(MultiGet({"a", "b", "c", "x", "z"}), "- - - - -");
  EXPECT_EQ(Levels(), "0 0 0 0 0 0 0 ");
  Open();
  EXPECT_EQ(MultiGet({"a", "b", "c", "x", "z"}), "- - - - -");
}

TEST_F(VerbsTest, deleted_files_are_removed_from_the_disk_and_survive_a_power_cut) {
  Open();
  PutTable({{"a", "1"}});
  Put("b", "1");
  EXPECT_EQ(*db_->DeleteFilesInRange("a", "a"), 1u);
  std::vector<std::string> findings;
  EXPECT_TRUE(db_->CheckIntegrity(&findings).ok());
  env_.CrashNow();
  db_.reset();
  env_.Restart(sim::Image(env_.Unsynced().size()));
  Open();
  EXPECT_EQ(MultiGet({"a", "b"}), "- 1");  // what was written before is durable, too
}

TEST_F(VerbsTest, files_are_not_deleted_while_a_snapshot_is_held) {
  Open();
  PutTable({{"a", "1"}});
  const Snapshot* snapshot = db_->GetSnapshot();
  const auto refused = db_->DeleteFilesInRange({}, {});
  EXPECT_EQ(refused.status().code(), StatusCode::kBusy);
  EXPECT_EQ(MultiGet({"a"}, snapshot), "1");
  db_->ReleaseSnapshot(snapshot);
  EXPECT_EQ(*db_->DeleteFilesInRange({}, {}), 1u);
}

TEST_F(VerbsTest, an_open_iterator_keeps_what_deleted_files_held) {
  Open();
  PutTable({{"a", "1"}});
  auto it = db_->NewIterator({});
  EXPECT_EQ(*db_->DeleteFilesInRange({}, {}), 1u);
  it->SeekToFirst();
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->value(), "1");
  EXPECT_EQ(Get("a"), "-");
}

TEST_F(VerbsTest, one_level_is_compacted_into_the_next) {
  Open();
  PutTable({{"a", "1"}, {"c", "1"}});
  ASSERT_TRUE(db_->CompactRange({.level = 0}, {}, {}).ok());
  ASSERT_TRUE(db_->CompactRange({.level = 1}, {}, {}).ok());
  EXPECT_EQ(Levels(), "0 0 1 0 0 0 0 ");
  PutTable({{"b", "2"}});
  ASSERT_TRUE(db_->CompactRange({.level = 2}, "x", {}).ok());  // no table there
  EXPECT_EQ(Levels(), "1 0 1 0 0 0 0 ");
  ASSERT_TRUE(db_->CompactRange({.level = 2}, {}, {}).ok());
  EXPECT_EQ(Levels(), "1 0 0 1 0 0 0 ");
}

TEST_F(VerbsTest, levels_that_cannot_be_compacted_are_named) {
  Open();
  EXPECT_EQ(db_->CompactRange({.level = 6}, {}, {}).message(),
            "level = 6 is outside [-1, 5]: a level is merged into the next one");
  EXPECT_EQ(db_->CompactRange({.target_level = 2, .level = 1}, {}, {}).message(),
            "level and target_level exclude each other: choose one");
}

TEST_F(VerbsTest, statistics_tell_a_level_s_score_lookups_and_write_amplification) {
  options_.l0_compaction_trigger = 4;
  Open();
  PutTable({{"a", "1"}});
  Get("a");
  const Statistics s = db_->GetStatistics();
  EXPECT_EQ(s.level[0].score, 0.25);
  EXPECT_EQ(s.level[0].tables_probed, 1u);
  EXPECT_GT(s.WriteAmplification(s.level[0]), 1);
  EXPECT_EQ(s.WriteAmplification(s.level[1]), 0);
}

}  // namespace
}  // namespace lsm
