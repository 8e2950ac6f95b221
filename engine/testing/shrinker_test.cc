#include "testing/shrinker.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/generator.h"
#include "testing/sim/sim_env.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

Trace ParseBody(const std::string& body) {
  auto trace = Parse("lsmlab-trace 1\n" + body);
  EXPECT_TRUE(trace.ok()) << trace.status().ToString();
  return *trace;
}

bool Has(const Trace& trace, Kind kind) {
  return std::any_of(trace.operations.begin(), trace.operations.end(),
                     [kind](const Operation& op) { return op.kind == kind; });
}

TEST(Shrink, FindsTheSmallestTraceForAnArtificialFailure) {
  // Fails when a deletion stands somewhere before a crash.
  const StillFails fails = [](const Trace& trace) {
    bool deleted = false;
    for (const Operation& op : trace.operations) {
      for (const Update& update : op.updates) deleted = deleted || !update.value.has_value();
      if (deleted && op.kind == Kind::kCrash) return true;
    }
    return false;
  };
  int found = 0;
  for (uint64_t index = 0; index < 20; ++index) {
    const Trace trace = TraceAt(Flavour::kCrashes, 7, index);
    if (!fails(trace)) continue;
    ++found;
    const Shrunk shrunk = Shrink(trace, fails, 5000);
    EXPECT_EQ(Print(shrunk.trace),
              "lsmlab-trace 1\nschedule seed=1 switch=0\nclients 1\n"
              "c0 delete k1\ncrash at=0 keep=none\n");
  }
  EXPECT_GT(found, 5);
}

TEST(Shrink, MakesOneClientOfSeveral) {
  const Trace trace =
      ParseBody("schedule seed=4 switch=9\nclients 3\nc2 put c2/x y sync\nc1 scan\n");
  const Shrunk shrunk = Shrink(
      trace, [](const Trace& t) { return Has(t, Kind::kPut); }, 1000);
  EXPECT_EQ(Print(shrunk.trace),
            "lsmlab-trace 1\nschedule seed=1 switch=0\nclients 1\nc0 put k1 v1\n");
}

TEST(Shrink, LeavesOutAnyClientAndGivesItsKeysOn) {
  const Trace trace = ParseBody(
      "schedule seed=4 switch=9\nclients 4\nc0 put c0/x y\nc1 put c1/x y\nc2 scan\nc3 get c1/x\n");
  const Shrunk shrunk = Shrink(
      trace,
      [](const Trace& t) {  // one reads what another writes
        for (const Operation& put : t.operations) {
          for (const Operation& get : t.operations) {
            if (put.kind == Kind::kPut && get.kind == Kind::kGet && put.client != get.client &&
                put.updates[0].key == get.keys[0]) {
              return true;
            }
          }
        }
        return false;
      },
      1000);
  EXPECT_EQ(shrunk.trace.clients, 2U) << Print(shrunk.trace);
  EXPECT_EQ(shrunk.trace.operations.size(), 2U) << Print(shrunk.trace);
  EXPECT_TRUE(Parse(Print(shrunk.trace)).ok()) << Print(shrunk.trace);
}

TEST(Shrink, KeepsTheOptionsAndTheScheduleThatTheFailureNeeds) {
  const Trace trace = ParseBody(
      "option block_bytes 64\noption size_ratio 3\nschedule seed=5 switch=12\nclients 1\n"
      "c0 put a 1\nc0 put b 2\n");
  const Shrunk shrunk = Shrink(
      trace, [](const Trace& t) { return OptionsOf(t).size_ratio == 3 && t.switch_per_1024 > 0; },
      1000);
  EXPECT_EQ(Print(shrunk.trace),
            "lsmlab-trace 1\noption size_ratio 3\nschedule seed=1 switch=4\nclients 1\n");
}

TEST(Shrink, ReducesACrashPointAndItsImage) {
  const Trace trace = ParseBody("crash at=90 keep=0-10,11=garbage:7,12-20 again at=3 keep=all\n");
  const Shrunk shrunk = Shrink(
      trace,
      [](const Trace& t) {
        if (!Has(t, Kind::kCrash)) return false;
        const CrashPoint& cut = t.operations[0].cuts[0];
        const sim::Image fates = cut.image.Of(std::vector<sim::UnsyncedUnit>(22));
        return cut.at.nth >= 37 && fates[11].kind != sim::Fate::Kind::kOld &&
               fates[21].kind == sim::Fate::Kind::kOld;
      },
      1000);
  EXPECT_EQ(Print(shrunk.trace.operations[0]), "crash at=37 keep=11");
}

TEST(Shrink, KeepsTheOrderOfKeysWhenItRenamesThem) {
  const Trace trace = ParseBody("c0 put zebra 1\nc0 put apple 2\n");
  const Shrunk shrunk = Shrink(
      trace,
      [](const Trace& t) {
        return t.operations.size() == 2 &&
               t.operations[0].updates[0].key > t.operations[1].updates[0].key;
      },
      1000);
  EXPECT_EQ(Print(shrunk.trace.operations[0]), "c0 put k2 v1");
  EXPECT_EQ(Print(shrunk.trace.operations[1]), "c0 put k1 v2");
}

TEST(Shrink, TriesOnlyWhatCanBeWrittenDown) {
  uint64_t calls = 0;
  const StillFails fails = [&calls](const Trace& trace) {
    ++calls;
    const auto parsed = Parse(Print(trace));
    EXPECT_TRUE(parsed.ok() && *parsed == trace) << Print(trace);
    return calls % 7 == 0;  // now and then, so that every pass has something to work on
  };
  for (const Flavour flavour : {Flavour::kCrashes, Flavour::kSchedules, Flavour::kFaults}) {
    Shrink(TraceAt(flavour, 5, 1), fails, 2000);
  }
  EXPECT_GT(calls, 300U);
}

TEST(Shrink, ALargeValueReplacesManyOperationsThatOnlyFill) {
  const StillFails fails = [](const Trace& trace) {
    size_t bytes = 0;
    for (const Operation& op : trace.operations) {
      for (const Update& update : op.updates) bytes += update.value.value_or("").size();
    }
    return bytes >= 500;
  };
  std::string body;
  for (int i = 0; i < 30; ++i) body += "c0 put k" + std::to_string(i) + " @60:1\n";
  const Shrunk shrunk = Shrink(ParseBody(body), fails, 2000);
  EXPECT_EQ(shrunk.trace.operations.size(), 1U);
}

TEST(Shrink, EndsAtItsDeadline) {
  sim::SimEnv env(sim::SimOptions{});
  uint64_t calls = 0;
  const StillFails fails = [&](const Trace&) {
    ++calls;
    env.AdvanceClock(10);
    return false;
  };
  Shrink(TraceAt(Flavour::kModel, 1, 1), fails, 1000, {&env, env.NowMicros() + 95});
  EXPECT_EQ(calls, 10U);
}

TEST(Shrink, StaysWithinItsRuns) {
  uint64_t calls = 0;
  const Shrunk shrunk = Shrink(
      TraceAt(Flavour::kModel, 1, 1),
      [&](const Trace&) {
        ++calls;
        return false;
      },
      10);
  EXPECT_EQ(calls, 10U);
  EXPECT_EQ(shrunk.runs, 10U);
}

TEST(Generator, GivesTheSameTraceForTheSameSeed) {
  for (const Flavour flavour : {Flavour::kModel, Flavour::kCrashes, Flavour::kSchedules,
                                Flavour::kFaults, Flavour::kHistories}) {
    EXPECT_EQ(TraceAt(flavour, 3, 4), TraceAt(flavour, 3, 4));
    EXPECT_FALSE(TraceAt(flavour, 3, 4) == TraceAt(flavour, 3, 5));
    EXPECT_FALSE(TraceAt(flavour, 3, 4) == TraceAt(flavour, 4, 4));
  }
}

TEST(Generator, MakesWhatItsFlavourSays) {
  bool crash = false, kill = false, fail = false, several = false;
  for (uint64_t i = 0; i < 20; ++i) {
    EXPECT_FALSE(Has(TraceAt(Flavour::kModel, 1, i), Kind::kCrash));
    EXPECT_FALSE(Has(TraceAt(Flavour::kCrashes, 1, i), Kind::kFail));
    EXPECT_FALSE(Has(TraceAt(Flavour::kSchedules, 1, i), Kind::kFail));
    crash = crash || Has(TraceAt(Flavour::kCrashes, 1, i), Kind::kCrash);
    kill = kill || Has(TraceAt(Flavour::kCrashes, 1, i), Kind::kKill);
    fail = fail || Has(TraceAt(Flavour::kFaults, 1, i), Kind::kFail);
    several = several || TraceAt(Flavour::kSchedules, 1, i).clients > 1;
  }
  EXPECT_TRUE(crash && kill && fail && several);
  EXPECT_TRUE(Has(TraceAt(Flavour::kDamaged, 1, 0), Kind::kDamage));
  bool by_chance = false, by_priority = false;
  for (uint64_t i = 0; i < 20; ++i) {
    const Trace trace = TraceAt(Flavour::kHistories, 1, i);
    EXPECT_TRUE(trace.shared_keys && trace.clients > 1);
    by_chance = by_chance || trace.switch_per_1024 > 0;
    by_priority = by_priority || trace.priority_depth > 0;
  }
  EXPECT_TRUE(by_chance && by_priority);
}

}  // namespace
}  // namespace lsm::lab
