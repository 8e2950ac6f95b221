// Traces whose clients write the same keys, on the toy with a flaw that readers or a crash show.
#include "testing/history_judge.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/generator.h"
#include "testing/runner.h"
#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

RunResult RunToy(const std::string& text, Flaw flaw) {
  const auto trace = Parse("lsmlab-trace 1\n" + text);
  EXPECT_TRUE(trace.ok()) << trace.status().ToString();
  RunOptions options;
  options.open = [flaw](const Options& o, const std::string& path) {
    return OpenToyDb(o, path, flaw);
  };
  return RunTrace(*trace, options);
}

constexpr char kBatchesAndReaders[] =
    "clients 3\nkeys shared\n"
    "c0 batch put k1 v1 put k2 v1\n"
    "c1 batch put k1 v2 put k2 v2\n"
    "c2 multiget 2 k1 k2\n"
    "c2 scan\n"
    "c0 batch delete k1 delete k2\n"
    "c1 get k1\n"
    "c2 snapshot s1\n"
    "c2 get k1 at s1\n"
    "c2 get k2 at s1\n"
    "c0 put k1 v3\n"
    "c1 put k1 v4 sync\n"
    "c2 get k1 at s1\n"
    "c2 get k1\n";

// In how many of 100 schedules of each kind the flaw is found, as one of these properties.
int Found(const std::string& body, Flaw flaw, std::initializer_list<Property> as) {
  int found = 0;
  for (int seed = 0; seed < 100; ++seed) {
    for (const char* kind : {" switch=200\n", " priority=3 points=150\n"}) {
      const RunResult result = RunToy("schedule seed=" + std::to_string(seed) + kind + body, flaw);
      if (result.ok) continue;
      ++found;
      EXPECT_NE(std::find(as.begin(), as.end(), result.property), as.end())
          << PropertyText(result.property) << ": " << result.actual;
      EXPECT_NE(result.actual.find("no order of these explains"), std::string::npos);
    }
  }
  return found;
}

TEST(HistoryJudge, ACorrectDatabasePassesInEverySchedule) {
  EXPECT_EQ(Found(kBatchesAndReaders, Flaw::kNone, {}), 0);
}

TEST(HistoryJudge, ABatchThatReadersSeeInPartsIsFound) {
  EXPECT_GT(
      Found(kBatchesAndReaders, Flaw::kOpenBatch, {Property::kP3, Property::kP11, Property::kP15}),
      20);
}

TEST(HistoryJudge, AStaleReadIsFound) {
  EXPECT_GT(
      Found(kBatchesAndReaders, Flaw::kStaleGet, {Property::kP3, Property::kP11, Property::kP15}),
      20);
}

TEST(HistoryJudge, ASnapshotThatMovesIsFound) {
  EXPECT_GT(Found(kBatchesAndReaders, Flaw::kMovingSnapshot,
                  {Property::kP3, Property::kP11, Property::kP15}),
            20);
}

TEST(HistoryJudge, ALostSyncedWriteIsP1) {
  const char* const body =
      "clients 2\nkeys shared\nc0 put k v1 sync\nc1 put k v2 sync\n"
      "crash io=0 keep=none\n";
  EXPECT_TRUE(RunToy(body, Flaw::kNone).ok);
  const RunResult result = RunToy(body, Flaw::kSkipSync);
  EXPECT_EQ(result.property, Property::kP1) << result.actual;
}

TEST(HistoryJudge, AHoleInTheRecoveredOrderIsP2) {
  const char* const body =
      "clients 2\nkeys shared\nc0 put a v1\nc0 put b v2\nc0 put c v3\ncrash io=0 keep=all\n";
  EXPECT_TRUE(RunToy(body, Flaw::kNone).ok);
  const RunResult result = RunToy(body, Flaw::kKeepHoles);
  EXPECT_EQ(result.property, Property::kP2) << result.actual;
}

TEST(HistoryJudge, WhatARecoveryShowedStandsForTheNext) {
  const char* const body =
      "clients 2\nkeys shared\nc0 put a v1 sync\nkill io=0\nc1 put b v2 sync\nkill io=0\nc0 scan\n";
  EXPECT_TRUE(RunToy(body, Flaw::kNone).ok);
  EXPECT_FALSE(RunToy(body, Flaw::kDropOldest).ok);
}

TEST(HistoryJudge, GeneratedTracesPassOnTheEngine) {
  for (uint64_t i = 0; i < 30; ++i) {
    const Trace trace = TraceAt(Flavour::kHistories, 1, i);
    EXPECT_TRUE(trace.shared_keys);
    const RunResult result = RunTrace(trace);
    EXPECT_TRUE(result.ok) << i << ": " << result.actual;
    EXPECT_EQ(result.undecided, 0U) << i;
  }
}

}  // namespace
}  // namespace lsm::lab
