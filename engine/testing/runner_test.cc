#include "testing/runner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "testing/generator.h"
#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

RunOptions Toy(Flaw flaw) {
  RunOptions options;
  options.open = [flaw](const Options& o, const std::string& path) {
    return OpenToyDb(o, path, flaw);
  };
  return options;
}

RunResult RunText(const std::string& operations, Flaw flaw, const std::string& head = "") {
  auto trace = Parse("lsmlab-trace 1\n" + head + operations);
  EXPECT_TRUE(trace.ok()) << trace.status().ToString();
  return RunTrace(*trace, Toy(flaw));
}

std::string Broken(const RunResult& result) {
  if (result.ok) return "ok";
  return std::string(PropertyId(result.property)) + " at " + std::to_string(result.step + 1);
}

constexpr char kEverything[] =
    "c0 put k1 v1 sync\n"
    "c0 put k2 v2\n"
    "c0 batch put k3 v3 delete k1 put k4 v4\n"
    "c0 snapshot s1\n"
    "c0 iterate i1 from k2\n"
    "c0 put k2 v5\n"
    "c0 delete k3\n"
    "c0 get k2\n"
    "c0 get k2 at s1\n"
    "c0 multiget 2 k1 k2 at s1\n"
    "c0 scan\n"
    "c0 rscan from k2 to k4 at s1\n"
    "c0 zigzag k3\n"
    "c0 pscan k at s1\n"
    "c0 sizes from k2 to k4\n"
    "c0 check i1\n"
    "c0 close i1\n"
    "c0 release s1\n"
    "c0 deletefiles from k4 to k4\n"
    "compactlevel 1\n"
    "flush\ncompact\nwait\nsyncwal\nintegrity\ncheckpoint\n"
    "reopen\n"
    "c0 scan\n"
    "c0 put k6 v6\n"
    "kill io=0\n"
    "c0 get k6\n"
    "c0 put k7 @100:7 sync\n"
    "c0 put k8 v8\n"
    "crash io=0 keep=none\n"
    "c0 scan\n";

TEST(Runner, ACorrectDatabasePassesEveryKindOfOperation) {
  const RunResult result = RunText(kEverything, Flaw::kNone);
  EXPECT_TRUE(result.ok) << Broken(result) << " " << result.expected << " / " << result.actual;
  EXPECT_EQ(result.operations, result.steps.size());
  EXPECT_EQ(result.crash_states, 2U);
  EXPECT_EQ(result.steps[7].answer, "v5");
  EXPECT_EQ(result.steps[8].answer, "v2");
  EXPECT_EQ(result.steps[11].answer, "2 entries");
}

TEST(Runner, ACrashAtAnyOperationOfACorrectDatabasePasses) {
  for (int io = 1; io <= 30; ++io) {
    for (const char* image : {"none", "all", "seed:1", "seed:2"}) {
      const RunResult result = RunText(
          "crash io=" + std::to_string(io) + " keep=" + image + "\n" + kEverything, Flaw::kNone);
      EXPECT_TRUE(result.ok) << io << " " << image << ": " << Broken(result) << " "
                             << result.expected << " / " << result.actual;
    }
  }
}

TEST(Runner, ACrashWithinARecoveryPasses) {
  for (int io = 1; io <= 4; ++io) {
    const std::string cut = std::to_string(io);
    const RunResult result =
        RunText("c0 put k1 v1 sync\nc0 put k2 v2\ncrash io=1 keep=all again io=" + cut +
                    " keep=none again io=" + cut + " keep=seed:4\nc0 put k3 v3\nc0 scan\n",
                Flaw::kNone);
    EXPECT_TRUE(result.ok) << io << ": " << Broken(result) << result.actual;
    EXPECT_GE(result.crash_states, 2U);
  }
}

// The I/O operations at which a crash, armed before `operations`, strikes and passes.
std::vector<uint64_t> CutsThatPass(const std::string& operations, const RunOptions& options) {
  std::vector<uint64_t> cuts;
  for (uint64_t io = 1;; ++io) {
    RunResult result;
    for (const char* image : {"none", "all", "seed:1", "seed:2"}) {
      const auto trace = Parse("lsmlab-trace 1\nstart closed\ncrash io=" + std::to_string(io) +
                               " keep=" + image + "\n" + operations);
      result = RunTrace(*trace, options);
      EXPECT_TRUE(result.ok) << io << " " << image << ": " << Broken(result) << result.actual;
    }
    if (result.cuts[0].io != io - 1) return cuts;  // the end came first
    cuts.push_back(io);
  }
}

TEST(Runner, ACrashCanStrikeWithinTheCreation) {
  EXPECT_GE(CutsThatPass("reopen\n", Toy(Flaw::kNone)).size(), 4U);
  EXPECT_GE(CutsThatPass("c0 get k\n", RunOptions()).size(), 10U);
}

TEST(Runner, ACrashCanStrikeWithinAReopen) {
  const std::string writes = "c0 put k v sync\nc0 put l w\n";
  for (const RunOptions& options : {Toy(Flaw::kNone), RunOptions()}) {
    EXPECT_GE(CutsThatPass(writes + "reopen\nc0 scan\n", options).size(),
              CutsThatPass(writes, options).size() + 4);
  }
}

TEST(Runner, AnErrorWithinTheCreationIsExcused) {
  for (int io = 1; io <= 10; ++io) {
    const auto trace = Parse("lsmlab-trace 1\nstart closed\nfail io=" + std::to_string(io) +
                             " code=nospace sticky\nc0 put k v\nreopen\nc0 get k\n");
    const RunResult result = RunTrace(*trace);
    EXPECT_TRUE(result.ok) << io << ": " << Broken(result) << result.actual;
    EXPECT_EQ(result.steps[3].answer, "v");
  }
}

TEST(Runner, AnErrorWithinTheCloseOfACheckpointSurfaces) {
  for (int io = 1; io <= 60; ++io) {
    const auto trace = Parse("lsmlab-trace 1\nc0 put k v\nfail io=" + std::to_string(io) +
                             " code=io once\ncheckpoint\nresume\n");
    const RunResult result = RunTrace(*trace);
    EXPECT_TRUE(result.ok) << io << ": " << Broken(result) << result.expected;
  }
}

TEST(Runner, SeveralClientsOfACorrectDatabasePass) {
  for (int seed = 1; seed <= 20; ++seed) {
    const RunResult result = RunText(
        "c0 put c0/a 1\nc1 put c1/a 1\nc0 batch put c0/a 2 put c0/b 2\nc1 scan\nc0 get c1/a\n"
        "c1 snapshot s\nc0 batch put c0/a 3 put c0/b 3\nc1 multiget 2 c0/a c0/b at s\nc1 scan at "
        "s\n"
        "crash io=3 keep=seed:3\nc0 put c0/a 4 sync\nc1 put c1/a 4\nc0 scan\nc1 scan\n",
        Flaw::kNone, "schedule seed=" + std::to_string(seed) + " switch=300\nclients 2\n");
    EXPECT_TRUE(result.ok) << seed << ": " << Broken(result) << " " << result.key << " "
                           << result.expected << " / " << result.actual;
  }
}

TEST(Runner, TheSameTraceGivesTheSameLog) {
  auto trace = Parse(std::string("lsmlab-trace 1\nschedule seed=5 switch=400\n") + kEverything);
  ASSERT_TRUE(trace.ok());
  RunOptions options = Toy(Flaw::kNone);
  options.keep_log = true;
  const std::string first = RunTrace(*trace, options).log;
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, RunTrace(*trace, options).log);
}

// Who looks on sees the run that anybody else has.
TEST(Runner, ATranscriptDoesNotChangeTheRunOfSeveralClients) {
  size_t trees = 0;
  for (uint64_t index = 0; index < 6; ++index) {
    const Trace trace = TraceAt(Flavour::kSchedules, 7, index);
    ASSERT_GT(trace.clients, 1U);
    RunOptions options;
    options.keep_log = true;
    const std::string without = RunTrace(trace, options).log;
    options.transcript = [&](const std::string& line) {
      trees += line.find("tree  L") != std::string::npos ? 1 : 0;
    };
    EXPECT_EQ(RunTrace(trace, options).log, without) << index;
  }
  EXPECT_GT(trees, 6U);
}

TEST(Runner, TheTreeOfATranscriptIsThatOfTheDatabase) {
  const auto trace = Parse(
      "lsmlab-trace 1\nc0 put k1 v1\nflush\nc0 put k2 v2\nflush\ncompact\nreopen\nc0 put k v\n"
      "crash at=0 keep=all\n");
  RunOptions options;
  std::string text;
  options.transcript = [&](const std::string& line) { text += line + "\n"; };
  EXPECT_EQ(Broken(RunTrace(*trace, options)), "ok");
  for (const char* tree : {"tree  L0: ", "tree  L1: "}) {
    EXPECT_NE(text.find(tree), std::string::npos) << text;
  }
  EXPECT_EQ(text.find("empty"), std::string::npos) << text;
}

TEST(Runner, AnArmedCrashThatIsNotReachedFiresAtTheEnd) {
  EXPECT_EQ(
      RunText("c0 put k v sync\ncrash io=1000 keep=none\nc0 get k\n", Flaw::kNone).crash_states,
      1U);
}

TEST(Runner, OperationsOnWhatIsNotOpenDoNothing) {
  const RunResult result =
      RunText("c0 get k at s1\nc0 check i1\nc0 release s1\nc0 close i1\n", Flaw::kNone);
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.steps[0].answer, "nothing: no such snapshot");
}

TEST(Runner, AnInjectedErrorIsExcusedUntilTheResume) {
  EXPECT_EQ(Broken(RunText("c0 put k1 v1\nfail io=1 code=io once\nc0 put k1 v2\nc0 get k1\n"
                           "c0 put k2 v2\nresume\nc0 put k2 v3\nc0 scan\nreopen\nc0 scan\n",
                           Flaw::kNone)),
            "ok");
}

// A machine that says it has synced and has not breaks P1 of a correct database. The matrix
// excludes that; without excuses it is found.
TEST(Runner, ASyncThatLiesBreaksP1) {
  const auto trace = Parse(
      "lsmlab-trace 1\nfail at=sync:log:1 code=io effect=lie sticky\nc0 put k v sync\n"
      "crash at=0 keep=none\n");
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  for (RunOptions options : {Toy(Flaw::kNone), RunOptions()}) {
    const RunResult excused = RunTrace(*trace, options);
    EXPECT_EQ(Broken(excused), "ok");
    EXPECT_NE(excused.excused.find("P1"), std::string::npos) << excused.excused;
    options.no_excuses = true;
    EXPECT_EQ(Broken(RunTrace(*trace, options)), "P1 at 3");
  }
}

// The mapping of a table that could not be read stays broken until the table is opened anew.
TEST(Runner, ATableWhoseReadFailedCanBeReadAfterResume) {
  const auto trace = Parse(
      "lsmlab-trace 1\nc0 put k1 v1\nc0 flush\nfail at=read:table:1 code=io once\nc0 rscan\n"
      "resume\nc0 get k1\n");
  const RunResult result = RunTrace(*trace);
  EXPECT_EQ(Broken(result), "ok") << result.actual;
  EXPECT_NE(result.steps[3].answer.find("injected"), std::string::npos);
  EXPECT_EQ(result.steps[5].answer, "v1");
}

// Damage is told by an error or leaves the data right: wrong data without a word is a finding.
TEST(Runner, DamageIsReportedOrDoesNoHarm) {
  const std::string head = "lsmlab-trace 1\nc0 put a 1\nc0 put b 2\nflush\nc0 put c 3\n";
  size_t reported = 0, done = 0;
  for (const char* file : {"log:1", "table:1", "manifest:1", "current:1"}) {
    for (int at = 0; at < 200; at += 23) {
      const std::string damage = fmt::format("damage flip {} at={} number=3\n", file, at);
      const RunResult result = RunTrace(*Parse(head + damage + "reopen\nc0 scan\nc0 get a\n"));
      EXPECT_TRUE(result.ok) << damage << Broken(result) << " " << result.actual;
      ++done;
      if (!result.excused.empty()) ++reported;
    }
  }
  EXPECT_GT(reported, 10U);
  EXPECT_LT(reported, done);
}

// Each property is broken by a database that is wrong in just this way.
struct Control {
  Flaw flaw;
  const char* broken;
  const char* operations;
};

const Control kControls[] = {
    {Flaw::kFailingGet, "P0 at 1", "c0 get k\n"},
    {Flaw::kSkipSync, "P1 at 2", "c0 put k v sync\ncrash io=0 keep=none\n"},
    {Flaw::kKeepHoles, "P2 at 4", "c0 put a 1\nc0 put b 2\nc0 put c 3\ncrash io=0 keep=all\n"},
    {Flaw::kSplitBatch, "P3 at 2", "crash io=2 keep=all\nc0 batch put a 1 put b 2\n"},
    {Flaw::kForgetDelete, "P4 at 3", "c0 put k v\nc0 delete k sync\nreopen\n"},
    {Flaw::kResumeGoesOn, "P4 at 5",
     "c0 put k 1\nfail at=append:log:1 code=io effect=done once\nc0 put k 2\nresume\nreopen\n"},
    {Flaw::kLoseOnRewrite, "P5 at 2", "c0 put k v\ncrash io=0 keep=all\n"},
    {Flaw::kDropOldest, "P6 at 4", "c0 put a 1\nkill io=0\nc0 put b 2\nkill io=0\n"},
    {Flaw::kForgetSequence, "P7 at 5", "c0 put k 1\nc0 put k 2\nc0 put k 3 sync\nreopen\nreopen\n"},
    {Flaw::kReuseNumber, "P7 at 2", "c0 put k 1\nreopen\n"},
    {Flaw::kTornIsCorrupt, "P8 at 2", "c0 put k @1500:1\ncrash io=0 keep=0-2,4\n"},
    {Flaw::kSwallowErrors, "P9 at 2", "fail io=1 code=io once\nc0 put k v\n"},
    {Flaw::kSwallowSyncs, "P9 at 2", "fail at=sync:log:1 code=io once\nsyncwal\n"},
    {Flaw::kSwallowSyncs, "P9 at 4",
     "fail at=sync:log:1 code=io effect=late once\nc0 put k v sync\nc0 put l w\nsyncwal\n"},
    {Flaw::kSwallowReads, "P9 at 2", "fail at=open:log:1 code=io once\nc0 get k\n"},
    {Flaw::kSwallowReplay, "P9 at 2", "fail at=read:log:1 code=io once\nreopen\n"},
    {Flaw::kGoOnAfterError, "P10 at 3", "fail io=1 code=io once\nc0 put k v\nc0 put k v\n"},
    {Flaw::kMovingSnapshot, "P11 at 3", "c0 snapshot s\nc0 put k v\nc0 get k at s\n"},
    {Flaw::kLazyLast, "P12 at 3", "c0 put a 1\nc0 put b 2\nc0 scan\n"},
    {Flaw::kBadStructure, "P13 at 1", "integrity\n"},
    {Flaw::kHoardLogs, "P14 at 2", "reopen\nwait\n"},
    {Flaw::kHoardFiles, "P14 at 4", "c0 get k\nc0 get k\nc0 get k\nwait\n"},
    {Flaw::kHoardMemory, "P14 at 3", "c0 put k @600000:1\nc0 put k @600000:2\nwait\n"},
    {Flaw::kLoosePrefix, "P12 at 3", "c0 put a 1\nc0 put b 2\nc0 pscan a\n"},
    {Flaw::kBadSizes, "P0 at 2", "c0 put a 1\nc0 sizes to b\n"},
    {Flaw::kDeleteBeyond, "P4 at 3", "c0 put a 1\nc0 put b 2\nc0 deletefiles to a\n"},
    {Flaw::kShowOlder, "P4 at 3", "c0 put a 1\nc0 put a 2\nc0 deletefiles\n"},
    {Flaw::kExpireUntold, "P15 at 4", "c0 put a 1\nc0 flush\nc0 flush\nc0 get a\n"},
    {Flaw::kExpireNewer, "P15 at 5", "c0 put a 1\nc0 flush\nc0 put a 2\nc0 flush\nc0 get a\n"},
    {Flaw::kExpireNewest, "P4 at 5", "c0 put a 1\nc0 put a 2\nc0 flush\nc0 flush\nc0 get a\n"},
    {Flaw::kExpireAgain, "P4 at 5", "c0 put a 1\nc0 flush\nc0 flush\nc0 get a\nreopen\n"},
    {Flaw::kStaleGet, "P15 at 3", "c0 put k 1\nc0 put k 2\nc0 get k\n"},
};

TEST(NegativeControls, StandForEveryProperty) {
  for (int p = 0; p < static_cast<int>(Property::kCount); ++p) {
    const std::string name = std::string(PropertyId(static_cast<Property>(p))) + " at";
    EXPECT_TRUE(std::any_of(std::begin(kControls), std::end(kControls), [&](const Control& c) {
      return std::string_view(c.broken).starts_with(name);
    })) << name;
  }
}

class NegativeControl : public ::testing::TestWithParam<Control> {};

TEST_P(NegativeControl, IsFoundByTheFlawAndPassesWithoutIt) {
  const Control& control = GetParam();
  const std::string head =
      "option max_open_files 16\noption block_cache_bytes 0\noption policy fifo\n";
  EXPECT_EQ(Broken(RunText(control.operations, Flaw::kNone, head)), "ok");
  EXPECT_EQ(Broken(RunText(control.operations, control.flaw, head)), control.broken);
}

INSTANTIATE_TEST_SUITE_P(Properties, NegativeControl, ::testing::ValuesIn(kControls));

}  // namespace
}  // namespace lsm::lab
