// Several background threads in a simulated world: what they share, and how fast they may be. Time
// is the simulated clock's.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/marks.h"
#include "lsm/db.h"
#include "lsm/event.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

std::string Key(int i) { return "k" + std::to_string(1000 + i); }

class ParallelTest : public testing::Test {
 protected:
  void Start(uint64_t seed) {
    db_.reset();
    sim::SimOptions sim;
    sim.seed = seed;
    sim.max_steps = 10'000'000;  // threads that keep each other awake are found, not waited for
    env_ = std::make_unique<sim::SimEnv>(sim);
    options_.env = env_.get();
    options_.create_if_missing = true;
    auto db = DB::Open(options_, "/db");
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    db_ = std::move(*db);
  }
  void TinyTree() {
    options_.memtable_bytes = 2048;
    options_.max_immutable_memtables = 4;
    options_.max_file_bytes = 1024;
    options_.level1_bytes = 4096;
    options_.size_ratio = 2;
    options_.block_bytes = 128;
    options_.l0_compaction_trigger = 2;
    options_.max_background_jobs = 6;
    options_.compression = Compression::kNone;
  }
  void ExpectIntact() {
    std::vector<std::string> findings;
    const Status checked = db_->CheckIntegrity(&findings);
    EXPECT_TRUE(checked.ok()) << checked.ToString();
    EXPECT_TRUE(findings.empty()) << findings.front();
  }

  Options options_;
  std::unique_ptr<sim::SimEnv> env_;
  std::unique_ptr<DB> db_;
};

TEST_F(ParallelTest, parts_of_a_compaction_hold_every_key_once) {
  TinyTree();
  constexpr int kKeys = 300;
  const uint64_t shared_before = marks::Count(marks::Mark::subcompactions_at_once);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Start(seed);
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < kKeys; ++i) {
        const std::string value = "v" + std::to_string(round) + std::string(20, 'x');
        ASSERT_TRUE(db_->Put({}, Key(i * 7 % kKeys), value).ok());
      }
    }
    ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
    auto it = db_->NewIterator({});
    int keys = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next(), ++keys) {
      ASSERT_EQ(it->key(), Key(keys));
      ASSERT_EQ(it->value().substr(0, 2), "v2");
    }
    ASSERT_TRUE(it->status().ok());
    EXPECT_EQ(keys, kKeys);
    it.reset();
    ExpectIntact();
    EXPECT_TRUE(db_->Close().ok());
  }
  EXPECT_GT(marks::Count(marks::Mark::subcompactions_at_once), shared_before);
}

TEST_F(ParallelTest, background_writes_keep_to_their_rate) {
  TinyTree();
  options_.background_bytes_per_second = 100'000;
  Start(1);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(db_->Put({}, Key(i % 200), std::string(50, 'v')).ok());
  }
  ASSERT_TRUE(db_->Flush().ok());
  ASSERT_TRUE(db_->WaitForBackgroundWork().ok());
  const Statistics s = db_->GetStatistics();
  const uint64_t bytes = s.flush_bytes + s.compaction_bytes_written;
  ASSERT_GT(bytes, 50'000U);
  EXPECT_GE(env_->NowMicros() * 11 / 10, (bytes - 20'000) * 10);  // 10 us a byte, but for the burst
  EXPECT_GT(s.limiter_wait_us, 0U);
  ExpectIntact();
}

TEST_F(ParallelTest, a_stalled_writer_and_a_request_do_not_keep_the_workers_awake) {
  options_.compression = Compression::kNone;
  options_.l0_compaction_trigger = options_.l0_slowdown_trigger = 1;
  options_.l0_stop_trigger = 2;
  options_.background_bytes_per_second = 10;  // what is merged waits minutes, and the others for it
  Start(1);
  const auto flush = [this] { return db_->Put({}, "k", "v").ok() && db_->Flush().ok(); };
  ASSERT_TRUE(flush());
  ASSERT_TRUE(db_->WaitForBackgroundWork().ok());  // moved to level 1: what follows must be merged
  ASSERT_TRUE(flush());
  ASSERT_TRUE(flush());
  auto client =
      env_->StartThread("client", [this] { EXPECT_TRUE(db_->CompactRange({}, {}, {}).ok()); });
  ASSERT_TRUE(flush());
  client.reset();
  EXPECT_GT(db_->GetStatistics().stalls, 0U);
}

// Takes down the delays of writers.
class SlowdownListener final : public EventListener {
 public:
  void OnEvent(const Event& event) override {
    if (const auto* s = std::get_if<event::Slowdown>(&event)) slowdowns.push_back(*s);
  }
  std::vector<event::Slowdown> slowdowns;
};

// Level 0 stays over its trigger: what a compaction has to write waits minutes for its rate.
class SlowdownTest : public ParallelTest {
 protected:
  void SetUp() override {
    options_.listener = &listener_;
    options_.compression = Compression::kNone;
    options_.l0_compaction_trigger = options_.l0_slowdown_trigger = 1;
    options_.l0_stop_trigger = 100;
    options_.background_bytes_per_second = 10;
    options_.delayed_write_bytes_per_second = 10'000;
    Start(1);
    Flush();
    ASSERT_TRUE(
        db_->WaitForBackgroundWork().ok());  // moved to level 1: what follows must be merged
    Flush();
    listener_.slowdowns.clear();
  }
  void TearDown() override { db_.reset(); }

  void Flush() {
    ASSERT_TRUE(db_->Put({}, "k", std::string(kValueBytes, 'v')).ok());
    ASSERT_TRUE(db_->Flush().ok());
  }

  static constexpr uint64_t kValueBytes = 100;
  static constexpr uint64_t kMicrosPerByte = 100;  // at the trigger
  SlowdownListener listener_;
};

TEST_F(SlowdownTest, writers_pay_for_bytes_however_they_are_grouped) {
  constexpr int kWriters = 4, kWrites = 25;
  const uint64_t start_us = env_->NowMicros();
  std::vector<uint64_t> took_us(kWriters);
  std::vector<std::unique_ptr<Thread>> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.push_back(env_->StartThread("writer", [&, w] {
      for (int i = 0; i < kWrites; ++i) {
        db_->Put({}, Key(w * kWrites + i), std::string(kValueBytes, 'v')).IgnoreError();
      }
      took_us[static_cast<size_t>(w)] = env_->NowMicros() - start_us;
    }));
  }
  writers.clear();
  const uint64_t least_us = kWriters * kWrites * kValueBytes * kMicrosPerByte;
  const auto [first, last] = std::minmax_element(took_us.begin(), took_us.end());
  EXPECT_GE(*last, least_us * 9 / 10);  // what the last group owes is paid by the next
  EXPECT_LE(*last, least_us * 3 / 2);   // keys and headers count too
  EXPECT_GE(*first, least_us / 2);      // nobody goes ahead of the others
  EXPECT_GT(db_->GetStatistics().slowdowns, 10U);
}

TEST_F(SlowdownTest, the_delay_grows_with_the_runs_over_the_trigger) {
  for (int run = 0; run < 3; ++run) Flush();
  Flush();
  ASSERT_GE(listener_.slowdowns.size(), 3U);
  // Each group of one value is paid for by the next.
  const uint64_t once_us = listener_.slowdowns[0].delay_us;
  EXPECT_GE(once_us, kValueBytes * kMicrosPerByte);
  for (size_t i = 0; i < 3; ++i) {
    const event::Slowdown& slowdown = listener_.slowdowns[i];
    EXPECT_EQ(slowdown.cause, "level 0 runs");
    EXPECT_EQ(slowdown.l0_runs, i + 2);
    EXPECT_NEAR(static_cast<double>(slowdown.delay_us), static_cast<double>((i + 1) * once_us), 10);
  }
}

}  // namespace
}  // namespace lsm
