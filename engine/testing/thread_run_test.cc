// Real threads that write the same keys; under ThreadSanitizer in CI.
#include "testing/thread_run.h"

#include <gtest/gtest.h>

#include "lsm/env.h"
#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

const ThreadRunOptions kFew = {1, 4, 6, 40};

class ThreadRunTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(DB::Destroy({}, path_).ok()); }
  void TearDown() override { ASSERT_TRUE(DB::Destroy({}, path_).ok()); }

  // Small, so that flushes and compactions go on all the time.
  static Options Small() {
    Options options;
    options.create_if_missing = true;
    options.memtable_bytes = 2048;
    options.block_bytes = 128;
    options.max_file_bytes = 2048;
    options.level1_bytes = 4096;
    options.size_ratio = 2;
    options.block_cache_bytes = 4096;
    options.l0_slowdown_trigger = 20;  // no delays
    options.l0_stop_trigger = 24;
    return options;
  }

  ThreadRunReport RunToy(Flaw flaw) {
    auto db = OpenToyDb(Small(), path_, flaw);
    EXPECT_TRUE(db.ok()) << db.status().ToString();
    ThreadRunOptions options;
    options.rounds = 400;
    return RunThreads(Env::Default(), db->get(), options);
  }

  const std::string path_ = testing::TempDir() + "thread_run_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ThreadRunTest, TheEngineExplainsEveryRoundAndClosesDuringBackgroundWork) {
  auto db = DB::Open(Small(), path_);
  ASSERT_TRUE(db.ok()) << db.status().ToString();
  const ThreadRunReport report = RunThreads(Env::Default(), db->get(), kFew);
  EXPECT_EQ(report.finding, "");
  EXPECT_EQ(report.undecided, 0U);
  EXPECT_EQ(report.rounds, kFew.rounds);
  EXPECT_GT(report.sightings, kFew.rounds * kFew.clients * kFew.operations);
  const Status closed = (*db)->Close();
  EXPECT_TRUE(closed.ok()) << closed.ToString();
}

TEST_F(ThreadRunTest, ACorrectToyPasses) {
  auto db = OpenToyDb(Small(), path_, Flaw::kNone);
  ASSERT_TRUE(db.ok()) << db.status().ToString();
  const ThreadRunReport report = RunThreads(Env::Default(), db->get(), kFew);
  EXPECT_EQ(report.finding, "");
  EXPECT_EQ(report.rounds, kFew.rounds);
}

// Negative controls.

TEST_F(ThreadRunTest, ABatchThatIsAppliedInPartsIsFound) {
  const ThreadRunReport report = RunToy(Flaw::kOpenBatch);
  EXPECT_FALSE(report.finding.empty());
  EXPECT_TRUE(report.property == Property::kP3 || report.property == Property::kP11 ||
              report.property == Property::kP15)
      << report.finding;
}

TEST_F(ThreadRunTest, ASnapshotThatMovesIsFound) {
  const ThreadRunReport report = RunToy(Flaw::kMovingSnapshot);
  // P15: a MultiGet takes a snapshot for its keys, and the threads decide which read is first.
  EXPECT_TRUE(report.property == Property::kP11 || report.property == Property::kP15)
      << report.finding;
}

TEST_F(ThreadRunTest, AStaleGetIsFound) {
  const ThreadRunReport report = RunToy(Flaw::kStaleGet);
  EXPECT_FALSE(report.finding.empty());
}

}  // namespace
}  // namespace lsm::lab
