#include "testing/normalise.h"

#include <gtest/gtest.h>

#include "testing/generator.h"

namespace lsm::lab {
namespace {

Trace ParseBody(const std::string& body) {
  auto trace = Parse("lsmlab-trace 1\n" + body);
  EXPECT_TRUE(trace.ok()) << trace.status().ToString();
  return *trace;
}

TEST(Normalise, NamesTheOperationThatWasStruck) {
  const Trace trace = ParseBody(
      "c0 put k v\nfail at=2 code=io once\nc0 put k v sync\nresume\ncrash at=1 keep=seed:3\n"
      "c0 put k v sync\nc0 get k\n");
  const RunResult result = RunTrace(trace);
  ASSERT_TRUE(result.ok);
  const Trace normal = Normalise(trace, result, Images::kUnitByUnit);
  EXPECT_EQ(Print(normal.operations[1]), "fail at=sync:log:1 code=io once");
  EXPECT_TRUE(Print(normal.operations[4]).starts_with("crash at=append:log:1 keep="));
  EXPECT_EQ(Print(normal.operations[4]).find("seed"), std::string::npos);
  EXPECT_EQ(normal.expect, "ok");
}

TEST(Normalise, PutsACutThatWasNotReachedWhereItCame) {
  const Trace trace =
      ParseBody("crash at=900 keep=none\nc0 put k v sync\ncrash at=901 keep=none\nc0 put k w\n");
  const RunResult result = RunTrace(trace);
  EXPECT_EQ(result.stale.size(), 2U);
  const Trace normal = Normalise(trace, result, Images::kAsTheyAre);
  const RunResult after = RunTrace(normal);
  EXPECT_TRUE(after.ok && after.stale.empty()) << Print(normal);
  ASSERT_EQ(normal.operations.size(), 4U);
  EXPECT_EQ(normal.operations[0].kind, Operation::Kind::kPut);
  EXPECT_EQ(normal.operations[2].kind, Operation::Kind::kPut);
  EXPECT_EQ(after.io_count, result.io_count);
}

TEST(Normalise, LeavesOutWhatNeverHappened) {
  const Trace trace =
      ParseBody("c0 get k at s1\nfail at=900 code=io once\nc0 check i1\nc0 put k v\nc0 get k\n");
  const RunResult result = RunTrace(trace);
  EXPECT_EQ(result.stale.size(), 3U);
  const Trace normal = Normalise(trace, result, Images::kAsTheyAre);
  EXPECT_EQ(normal.operations.size(), 2U);
  EXPECT_TRUE(RunTrace(normal).stale.empty());
}

// The run is the same, operation by operation: only the words of the trace have changed.
TEST(Normalise, KeepsTheRun) {
  size_t cuts = 0, strikes = 0;
  for (const Flavour flavour : {Flavour::kCrashes, Flavour::kFaults}) {
    for (uint64_t index = 0; index < 48; ++index) {
      Trace trace = TraceAt(flavour, 11, index);
      // Of several clients a line that is left out joins what ran apart.
      if (trace.clients > 1) continue;
      RunResult before = RunTrace(trace);
      // A line that is left out takes its schedule points along, and background threads meet in
      // another way from there on: compared is a trace of which nothing is left out any more.
      for (int tries = 0; tries < 10 && !before.stale.empty(); ++tries) {
        trace = Normalise(trace, before, Images::kAsTheyAre);
        before = RunTrace(trace);
      }
      ASSERT_TRUE(before.ok) << before.actual;
      ASSERT_TRUE(before.stale.empty()) << before.stale[0] << "\n" << Print(trace);
      const Trace normal = Normalise(trace, before, Images::kUnitByUnit);
      const RunResult after = RunTrace(normal);
      EXPECT_TRUE(after.stale.empty());
      EXPECT_EQ(Print(Normalise(normal, after, Images::kUnitByUnit)), Print(normal));
      EXPECT_TRUE(after.ok);
      EXPECT_EQ(after.io_count, before.io_count) << Print(trace);
      EXPECT_EQ(after.cuts.size(), before.cuts.size());
      for (size_t i = 0; i < after.cuts.size() && i < before.cuts.size(); ++i) {
        EXPECT_EQ(after.cuts[i].io, before.cuts[i].io);
        EXPECT_EQ(after.cuts[i].image, before.cuts[i].image);
      }
      cuts += after.cuts.size();
      strikes += after.strikes.size();
    }
  }
  EXPECT_GT(cuts, 10U);
  EXPECT_GT(strikes, 20U);
}

}  // namespace
}  // namespace lsm::lab
