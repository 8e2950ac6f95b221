// What a database holds open: nothing once it is closed, or could not be opened; and no more than
// it may.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "lsm/db.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

using sim::Effect;
using sim::IoKind;

constexpr char kDir[] = "/db";

class DbHandles : public testing::TestWithParam<IoMode> {
 protected:
  static sim::SimOptions Limited(uint64_t max_open_files = UINT64_MAX) {
    sim::SimOptions options;
    options.switch_per_1024 = 0;  // schedules are not the point, and take time
    options.max_open_files = max_open_files;
    return options;
  }
  Options MakeOptions(Env* env) const {
    Options options;
    options.env = env;
    options.create_if_missing = true;
    options.memtable_bytes = 1024;
    options.max_file_bytes = 1024;
    options.compression = Compression::kNone;
    options.wal_io = GetParam();
    options.read_io = GetParam();
    return options;
  }
  static Status Work(DB* db) {
    for (int i = 0; i < 40; ++i) {
      LSM_RETURN_IF_ERROR(db->Put({}, "key" + std::to_string(i % 20), std::string(100, 'v')));
    }
    LSM_RETURN_IF_ERROR(db->CompactRange({}, "", ""));
    LSM_RETURN_IF_ERROR(db->WaitForBackgroundWork());
    std::string value;
    for (int i = 0; i < 20; ++i) {
      LSM_RETURN_IF_ERROR(db->Get({}, "key" + std::to_string(i), &value));
    }
    return db->Checkpoint("/copy");
  }
};

INSTANTIATE_TEST_SUITE_P(Plain, DbHandles, testing::Values(IoMode::kPlain));
INSTANTIATE_TEST_SUITE_P(Mapped, DbHandles, testing::Values(IoMode::kMapped));

TEST_P(DbHandles, AreAllClosedWithTheDatabase) {
  sim::SimEnv env{Limited()};
  auto db = DB::Open(MakeOptions(&env), kDir);
  ASSERT_TRUE(db.ok()) << db.status().ToString();
  ASSERT_TRUE(Work(db->get()).ok());
  EXPECT_FALSE(env.OpenHandles().empty());
  db->reset();
  EXPECT_TRUE(env.OpenHandles().empty()) << env.OpenHandles()[0];
}

// Every operation of an open and of some work fails once, before or after it happened.
TEST_P(DbHandles, AreAllClosedWhateverFailed) {
  for (const Effect effect : {Effect::kFail, Effect::kDone}) {
    for (const IoKind kind : {IoKind::kAny, IoKind::kOpen, IoKind::kRead, IoKind::kList}) {
      if (effect == Effect::kDone && kind != IoKind::kAny) continue;
      for (uint64_t n = 1;; n += 1 + n / 4) {
        sim::SimEnv env{Limited()};
        const size_t fault = env.AddFault({{.io = kind, .nth = n}, StatusCode::kIOError, effect});
        {
          auto db = DB::Open(MakeOptions(&env), kDir);
          if (db.ok()) Work(db->get()).IgnoreError();  // what fails is not the point
        }
        ASSERT_TRUE(env.OpenHandles().empty())
            << sim::NameOf(kind) << " " << n << ": " << env.OpenHandles()[0];
        if (env.Struck(fault) == 0) break;
      }
    }
  }
}

// Many tables, sixteen of them kept open, while none is compacted: the inputs of a compaction are
// open together, however many they are.
TEST_P(DbHandles, StayWithinTheOption) {
  constexpr int kKeys = 400;
  sim::SimEnv env{Limited(24)};
  Options options = MakeOptions(&env);
  options.max_open_files = 16;
  auto db = DB::Open(options, kDir);
  ASSERT_TRUE(db.ok()) << db.status().ToString();
  // In the order of keys, so that compactions only move tables.
  for (int i = 1000; i < 1000 + kKeys; ++i) {
    ASSERT_TRUE((*db)->Put({}, std::to_string(i), std::string(100, 'v')).ok());
  }
  ASSERT_TRUE((*db)->WaitForBackgroundWork().ok());
  EXPECT_GT(env.ListDir(kDir)->size(), 32u);
  std::string value;
  for (int i = 1000; i < 1000 + kKeys; ++i) {
    const Status status = (*db)->Get({}, std::to_string(i), &value);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
}

}  // namespace
}  // namespace lsm
