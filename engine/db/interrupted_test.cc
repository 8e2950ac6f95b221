// Repair and Checkpoint with the power cut at every I/O operation: what stands afterwards holds all
// the data, or is refused; never an empty or smaller database that opens.
#include <gtest/gtest.h>

#include <map>

#include "format/filename.h"
#include "lsm/db.h"
#include "testing/sim/random.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

constexpr char kDir[] = "/db";
constexpr char kCopy[] = "/copy";

class SilentLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

using Contents = std::map<std::string, std::string>;

class InterruptedTest : public testing::TestWithParam<uint64_t> {
 protected:
  void SetUp() override {
    options_.env = &env_;
    options_.info_log = &logger_;
    options_.create_if_missing = true;
    options_.memtable_bytes = 2048;
    options_.max_file_bytes = 2048;
    options_.block_bytes = 128;
    auto db = DB::Open(options_, kDir);
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    for (int i = 0; i < 200; ++i) {
      const std::string key = "key" + std::to_string(i * 37 % 100);
      ASSERT_TRUE((*db)->Put({true}, key, std::to_string(i)).ok());
      contents_[key] = std::to_string(i);
    }
    ASSERT_TRUE((*db)->Delete({true}, "key5").ok());
    contents_.erase("key5");
    ASSERT_TRUE((*db)->WaitForBackgroundWork().ok());
    ASSERT_TRUE((*db)->Close().ok());
  }

  // What the database holds; not OK if it does not open.
  Result<Contents> Read(const std::string& dir) {
    Options options = options_;
    options.create_if_missing = false;
    auto db = DB::Open(options, dir);
    if (!db.ok()) return db.status();
    Contents seen;
    auto it = (*db)->NewIterator({});
    for (it->SeekToFirst(); it->Valid(); it->Next()) seen.emplace(it->key(), it->value());
    if (!it->status().ok()) return it->status();
    return seen;
  }

  // Power off and on; a coin decides what survives of each thing that was not durable.
  void PowerCut(uint64_t seed) {
    sim::Random random(seed);
    std::vector<bool> keep(env_.Unsynced().size());
    for (size_t i = 0; i < keep.size(); ++i) keep[i] = random.Below(2) == 1;
    env_.Restart(sim::ImageOf(keep));
  }

  SilentLogger logger_;
  sim::SimEnv env_{sim::SimOptions{}};
  Options options_;
  Contents contents_;
};

TEST_P(InterruptedTest, second_repair_finds_what_the_first_would_have) {
  // Without CURRENT in the odd cases: then Repair makes a new manifest instead of an edit.
  if (GetParam() % 2 == 1) {
    ASSERT_TRUE(env_.RemoveFile(CurrentFileName(kDir)).ok());
    ASSERT_TRUE(env_.SyncDir(kDir).ok());
  }
  bool cut = true;
  for (uint64_t io = 0; cut; ++io) {
    env_.CrashAt({.nth = io + 1});
    std::string report;
    const Status first = DB::Repair(options_, kDir, &report);
    cut = env_.Crashed();
    ASSERT_EQ(first.ok(), !cut) << first.ToString();
    if (!cut) env_.CrashNow();
    PowerCut(GetParam() * 1000 + io);
    const Status second = DB::Repair(options_, kDir, &report);
    ASSERT_TRUE(second.ok()) << "cut at I/O " << io << ": " << second.ToString();
    const auto seen = Read(kDir);
    ASSERT_TRUE(seen.ok()) << "cut at I/O " << io << ": " << seen.status().ToString();
    ASSERT_EQ(*seen, contents_) << "cut at I/O " << io << "\n" << report;
  }
}

TEST_P(InterruptedTest, checkpoint_is_whole_or_refused) {
  bool cut = true;
  for (uint64_t io = 0; cut; ++io) {
    {
      auto db = DB::Open(options_, kDir);
      ASSERT_TRUE(db.ok()) << db.status().ToString();
      ASSERT_TRUE((*db)->WaitForBackgroundWork().ok());
      env_.CrashAt({.nth = io + 1});
      const Status s = (*db)->Checkpoint(kCopy);
      cut = env_.Crashed();
      ASSERT_EQ(s.ok(), !cut) << s.ToString();
      if (!cut) env_.CrashNow();
    }
    PowerCut(GetParam() * 1000 + io);
    if (const auto copy = Read(kCopy); copy.ok()) {
      ASSERT_EQ(*copy, contents_) << "cut at I/O " << io;
    } else {
      ASSERT_TRUE(cut) << copy.status().ToString();
    }
    const auto original = Read(kDir);
    ASSERT_TRUE(original.ok()) << original.status().ToString();
    ASSERT_EQ(*original, contents_);
    const auto names = env_.ListDir(kCopy);
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      ASSERT_TRUE(env_.RemoveFile(std::string(kCopy) + "/" + name).ok());
    }
    ASSERT_TRUE(env_.RemoveDir(kCopy).ok());
  }
}

// The directory's own entry is in its parent, which nobody else syncs. Not even if the process died
// between making the directory and syncing it: the next open finds it there.
TEST(FreshDatabase, survives_with_the_entry_of_its_directory) {
  SilentLogger logger;
  for (uint64_t io = 1; io <= 4; ++io) {
    sim::SimEnv env{sim::SimOptions{}};
    Options options;
    options.env = &env;
    options.info_log = &logger;
    options.create_if_missing = true;
    env.CrashAt({.nth = io});
    EXPECT_FALSE(DB::Open(options, "/new").ok());
    env.RestartProcess();
    {
      auto db = DB::Open(options, "/new");
      ASSERT_TRUE(db.ok()) << db.status().ToString();
      ASSERT_TRUE((*db)->Put({true}, "key", "value").ok());
      env.CrashNow();
    }
    env.Restart({});
    options.create_if_missing = false;
    auto db = DB::Open(options, "/new");
    ASSERT_TRUE(db.ok()) << "killed at I/O " << io << ": " << db.status().ToString();
    std::string value;
    EXPECT_TRUE((*db)->Get({}, "key", &value).ok());
  }
}

// The process that makes the database is killed before CURRENT is durable; the power goes within
// the next open. Of what is not durable then, the newest entry alone is kept: a log must not
// outlive the CURRENT that was there before it.
TEST(FreshDatabase, a_new_log_does_not_outlive_an_older_entry) {
  SilentLogger logger;
  int cuts = 0;
  for (uint64_t killed_at = 1; killed_at <= 24; ++killed_at) {
    for (uint64_t cut_at = 1; cut_at <= 24; ++cut_at) {
      sim::SimEnv env{sim::SimOptions{}};
      Options options;
      options.env = &env;
      options.info_log = &logger;
      options.create_if_missing = true;
      options.wal_io = IoMode::kPlain;
      env.CrashAt({.nth = killed_at});
      if (DB::Open(options, "/new").ok()) continue;
      env.RestartProcess();
      env.CrashAt({.nth = cut_at});
      if (DB::Open(options, "/new").ok()) continue;
      std::vector<bool> keep(env.Unsynced().size());
      if (!keep.empty()) keep.back() = true;
      env.Restart(sim::ImageOf(keep));
      const auto db = DB::Open(options, "/new");
      EXPECT_TRUE(db.ok()) << "killed at I/O " << killed_at << ", power cut at I/O " << cut_at
                           << ": " << db.status().ToString();
      ++cuts;
    }
  }
  EXPECT_GT(cuts, 200);
}

INSTANTIATE_TEST_SUITE_P(Seeds, InterruptedTest, testing::Range<uint64_t>(0, 6));

}  // namespace
}  // namespace lsm
