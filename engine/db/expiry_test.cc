// What goes by itself: tables under FIFO, for the size of all and for their age, and tombstones
// that reach their age limit. The simulated clock moves only when the test says so, or all wait.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "db/stages.h"
#include "lsm/db.h"
#include "lsm/event.h"
#include "lsm/statistics.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

constexpr uint64_t kSecond = 1'000'000;

class Expiry : public testing::Test, public EventListener {
 protected:
  Expiry() {
    options_.env = &env_;
    options_.create_if_missing = true;
    options_.listener = this;
    options_.l0_compaction_trigger = 2;
    options_.l0_slowdown_trigger = 2;
    options_.l0_stop_trigger = 2;
  }

  void OnEvent(const Event& event) override {
    if (const auto* gone = std::get_if<event::TableExpired>(&event)) {
      last_expired_ = std::max(last_expired_, gone->last_sequence);
    }
  }

  void Open() {
    db_.reset();
    auto db = DB::Open(options_, "/db");
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    db_ = std::move(*db);
  }
  // Whether the stage has it: a stage may declare fewer policies (K-POLICY).
  bool ChooseFifo() {
    options_.policy = CompactionPolicy::kFifo;
    return CompactionPicker::Supports(options_.policy);
  }
  // A table that holds one key.
  void PutAndFlush(const std::string& key, size_t bytes = 10) {
    ASSERT_TRUE(db_->Put({}, key, std::string(bytes, 'v')).ok());
    ASSERT_TRUE(db_->Flush().ok());
    ASSERT_TRUE(db_->WaitForBackgroundWork().ok());
  }
  // Advances the clock, and lets what is due happen.
  void Wait(uint64_t seconds) {
    env_.AdvanceClock(seconds * kSecond);
    ASSERT_TRUE(db_->WaitForBackgroundWork().ok());
  }
  std::string Keys() {
    std::string keys;
    const auto it = db_->NewIterator({});
    for (it->SeekToFirst(); it->Valid(); it->Next()) keys += std::string(it->key()) + " ";
    EXPECT_TRUE(it->status().ok());
    return keys;
  }
  uint64_t Tables() {
    uint64_t tables = 0;
    for (const LevelStatistics& level : db_->GetStatistics().level) tables += level.files;
    return tables;
  }

  sim::SimEnv env_{sim::SimOptions{}};
  Options options_;
  std::unique_ptr<DB> db_;
  uint64_t last_expired_ = 0;
};

TEST_F(Expiry, fifo_drops_the_oldest_tables_when_all_are_too_large_and_never_stalls) {
  if (!ChooseFifo()) GTEST_SKIP() << "the stage does not support fifo";
  options_.compression = Compression::kNone;
  options_.fifo_bytes_max = 5000;
  Open();
  for (const char* key : {"a", "b", "c", "d", "e"}) PutAndFlush(key, 1000);
  EXPECT_EQ(Keys(), "b c d e ");
  EXPECT_EQ(last_expired_, 1u);
  EXPECT_EQ(db_->GetStatistics().tables_expired, 1u);
  EXPECT_EQ(db_->GetStatistics().compactions, 0u);
}

TEST_F(Expiry, fifo_drops_tables_at_their_age_also_after_a_reopen) {
  if (!ChooseFifo()) GTEST_SKIP() << "the stage does not support fifo";
  options_.ttl_us = 100 * kSecond;
  Open();
  PutAndFlush("a");
  Wait(40);
  PutAndFlush("b");
  Wait(40);
  EXPECT_EQ(Keys(), "a b ");
  Open();
  EXPECT_EQ(Keys(), "a b ");
  Wait(20);
  EXPECT_EQ(Keys(), "b ");
  Wait(40);
  EXPECT_EQ(Keys(), "");
  std::vector<std::string> findings;
  ASSERT_TRUE(db_->CheckIntegrity(&findings).ok());
  EXPECT_EQ(findings, std::vector<std::string>());
}

TEST_F(Expiry, a_table_that_leveled_compaction_made_is_as_old_as_its_newest_update) {
  Open();
  PutAndFlush("a");
  Wait(50);
  PutAndFlush("a");
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  if (!ChooseFifo()) GTEST_SKIP() << "the stage does not support fifo";
  options_.ttl_us = 100 * kSecond;
  Open();
  Wait(90);
  EXPECT_EQ(Keys(), "a ");
  Wait(20);
  EXPECT_EQ(Keys(), "");
}

TEST_F(Expiry, a_deleted_key_leaves_the_disk_at_its_age_limit) {
  for (const CompactionPolicy policy : {CompactionPolicy::kLeveled, CompactionPolicy::kTiered}) {
    if (!CompactionPicker::Supports(policy)) continue;
    options_.policy = policy;
    options_.l0_compaction_trigger = options_.l0_slowdown_trigger = options_.l0_stop_trigger = 9;
    options_.tombstone_age_max_us = 100 * kSecond;
    Open();
    PutAndFlush("a");
    ASSERT_TRUE(db_->Delete({}, "a").ok());
    ASSERT_TRUE(db_->Flush().ok());
    Wait(90);
    EXPECT_EQ(Tables(), 2u);
    Wait(20);
    EXPECT_EQ(Tables(), 0u);
  }
}

// No option asked for ages when it was merged.
TEST_F(Expiry, a_merge_keeps_ages_for_the_next_open) {
  options_.l0_compaction_trigger = options_.l0_slowdown_trigger = options_.l0_stop_trigger = 9;
  Open();
  PutAndFlush("a");
  ASSERT_TRUE(db_->CompactRange({.target_level = 2}, {}, {}).ok());
  ASSERT_TRUE(db_->Delete({}, "a").ok());
  ASSERT_TRUE(db_->Flush().ok());
  PutAndFlush("b");
  Open();
  ASSERT_TRUE(db_->CompactRange({.target_level = 1}, {}, {}).ok());
  EXPECT_EQ(db_->GetStatistics().level[1].tombstones, 1u);
  options_.tombstone_age_max_us = 100 * kSecond;
  Open();
  Wait(90);
  EXPECT_EQ(db_->GetStatistics().level[1].tombstones, 1u);
  Wait(20);
  EXPECT_EQ(db_->GetStatistics().level[1].tombstones, 0u);
  if (!ChooseFifo()) GTEST_SKIP() << "the stage does not support fifo";
  options_.ttl_us = 200 * kSecond;
  Open();
  EXPECT_EQ(Keys(), "b ");
  Wait(100);
  EXPECT_EQ(Keys(), "");
}

TEST_F(Expiry, a_tombstone_that_a_snapshot_needs_is_tried_again_when_it_is_gone) {
  options_.l0_compaction_trigger = options_.l0_slowdown_trigger = options_.l0_stop_trigger = 9;
  options_.tombstone_age_max_us = 100 * kSecond;
  Open();
  PutAndFlush("a");
  const Snapshot* snapshot = db_->GetSnapshot();
  ASSERT_TRUE(db_->Delete({}, "a").ok());
  ASSERT_TRUE(db_->Flush().ok());
  Wait(110);
  std::string value;
  ReadOptions at;
  at.snapshot = snapshot;
  EXPECT_TRUE(db_->Get(at, "a", &value).ok());
  EXPECT_EQ(Tables(), 1u);
  db_->ReleaseSnapshot(snapshot);
  Wait(90);
  EXPECT_EQ(Tables(), 1u);
  Wait(20);
  EXPECT_EQ(Tables(), 0u);
}

TEST_F(Expiry, a_tombstone_stays_for_its_retention_time) {
  options_.tombstone_retention_us = 100 * kSecond;
  Open();
  PutAndFlush("a");
  ASSERT_TRUE(db_->Delete({}, "a").ok());
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  EXPECT_EQ(Tables(), 1u);
  options_.tombstone_age_max_us = 100 * kSecond;
  Open();  // the time is counted over a reopen
  Wait(90);
  EXPECT_EQ(Tables(), 1u);
  Wait(20);
  EXPECT_EQ(Tables(), 0u);
}

TEST_F(Expiry, a_limit_below_the_retention_time_is_refused) {
  options_.tombstone_retention_us = 2;
  options_.tombstone_age_max_us = 1;
  EXPECT_EQ(
      DB::Open(options_, "/db").status().ToString(),
      "Invalid argument: option tombstone_age_max_us = 1 is below tombstone_retention_us = 2");
}

}  // namespace
}  // namespace lsm
