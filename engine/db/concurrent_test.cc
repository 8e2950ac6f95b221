// Real threads on one database; under ThreadSanitizer in CI. What they check is what no schedule
// may break: batches are seen whole, snapshots repeat, a writer reads its own writes.
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "db/test_dir.h"
#include "lsm/db.h"

namespace lsm {
namespace {

constexpr int kRounds = 2000;

class ConcurrentTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.create_if_missing = true;
    options_.memtable_bytes = 8192;
    options_.block_bytes = 512;
    options_.max_file_bytes = 8192;
    options_.level1_bytes = 32768;
    options_.size_ratio = 4;
    options_.block_cache_bytes = 16384;
    options_.l0_slowdown_trigger = 20;  // no delay on the way: as many interleavings as possible
    options_.l0_stop_trigger = 24;
    options_.max_background_jobs = 4;
    auto db = DB::Open(options_, dir_.path());
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    db_ = std::move(*db);
  }

  // A batch gives both keys of a pair the same value.
  void WritePairs(int writer) {
    for (int i = 0; i < kRounds; ++i) {
      const std::string pair = std::to_string(writer) + "-" + std::to_string(i % 50);
      const std::string value = std::to_string(i);
      WriteBatch batch;
      batch.Put("a" + pair, value);
      batch.Put("z" + pair, value);
      WriteOptions write;
      write.sync = i % 500 == 0;
      if (!db_->Write(write, batch).ok()) ++failures_;
      std::string seen;
      if (!db_->Get({}, "z" + pair, &seen).ok() || seen != value) ++failures_;
    }
  }

  void ReadPairs() {
    while (!done_) {
      const Snapshot* snapshot = db_->GetSnapshot();
      ReadOptions read;
      read.snapshot = snapshot;
      std::map<std::string, std::string> seen;
      auto it = db_->NewIterator(read);
      for (it->SeekToFirst(); it->Valid(); it->Next()) {
        seen.emplace(std::string(it->key()), std::string(it->value()));
      }
      if (!it->status().ok()) ++failures_;
      for (const auto& [key, value] : seen) {
        if (key[0] != 'a') continue;
        std::string other;
        if (seen["z" + key.substr(1)] != value) ++torn_;
        if (!db_->Get(read, key, &other).ok() || other != value) ++torn_;
      }
      it.reset();
      db_->ReleaseSnapshot(snapshot);
    }
  }

  TestDir dir_;
  Options options_;
  std::unique_ptr<DB> db_;
  std::atomic<bool> done_{false};
  std::atomic<int> failures_{0}, torn_{0};
};

TEST_F(ConcurrentTest, batches_are_whole_and_snapshots_repeat_under_flush_and_compaction) {
  Env* env = Env::Default();
  {
    std::vector<std::unique_ptr<Thread>> readers;
    for (int i = 0; i < 2; ++i)
      readers.push_back(env->StartThread("reader", [this] { ReadPairs(); }));
    auto maintenance = env->StartThread("maintenance", [this] {
      while (!done_) {
        if (!db_->Flush().ok() || !db_->CompactRange({}, "a", "m").ok()) ++failures_;
      }
    });
    {
      std::vector<std::unique_ptr<Thread>> writers;
      for (int i = 0; i < 3; ++i) {
        writers.push_back(env->StartThread("writer", [this, i] { WritePairs(i); }));
      }
    }  // joined
    done_ = true;
  }
  EXPECT_EQ(failures_, 0);
  EXPECT_EQ(torn_, 0);
  ASSERT_TRUE(db_->WaitForBackgroundWork().ok());
  std::vector<std::string> findings;
  EXPECT_TRUE(db_->CheckIntegrity(&findings).ok()) << findings.front();
  EXPECT_TRUE(db_->Close().ok());
}

TEST_F(ConcurrentTest, close_during_background_work_loses_nothing) {
  for (int i = 0; i < kRounds; ++i) {
    ASSERT_TRUE(db_->Put({}, "key" + std::to_string(i), std::string(50, 'v')).ok());
  }
  ASSERT_TRUE(db_->Close().ok());
  auto reopened = DB::Open(options_, dir_.path());
  ASSERT_TRUE(reopened.ok()) << reopened.status().ToString();
  auto it = (*reopened)->NewIterator({});
  int entries = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++entries;
  EXPECT_EQ(entries, kRounds);
}

}  // namespace
}  // namespace lsm
