#include "testing/story.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/generator.h"
#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

RunOptions Toy(Flaw flaw, RunOptions options = {}) {
  options.open = [flaw](const Options& o, const std::string& path) {
    return OpenToyDb(o, path, flaw);
  };
  return options;
}

TraceRunner ToyRunner(Flaw flaw) {
  return [flaw](const Trace& trace, const RunOptions& options) {
    return RunTrace(trace, Toy(flaw, options));
  };
}

Story Tell(const std::string& text, Flaw flaw) {
  const auto trace = Parse("lsmlab-trace 1\n" + text);
  EXPECT_TRUE(trace.ok()) << trace.status().ToString();
  const TraceRunner run = ToyRunner(flaw);
  const RunResult result = run(*trace, {});
  EXPECT_FALSE(result.ok);
  return Investigate(*trace, result, run);
}

TEST(Story, OfASyncThatWasLeftOutNamesTheBarrier) {
  Story story = Tell(
      "option block_bytes 64\nschedule seed=9 switch=64\nclients 1\nc0 put alpha one\n"
      "c0 get alpha\nc0 put beta @300:1 sync\nc0 scan\ncrash io=4 keep=none\nc0 put gamma three\n"
      "c0 delete alpha\nc0 put delta four\nc0 put delta five\nc0 scan\n",
      Flaw::kSkipSync);
  story.file = "found.trace";
  story.runs = 39;
  EXPECT_EQ(ToText(story),
            "P1 synced acknowledged writes survive (at step 2)\n"
            "     1. c0 put k1 v1 sync  -> OK\n"
            "  >  2. crash at=0 keep=none  -> OK\n"
            "  expected: k1 = v1\n"
            "  actual:   k1 = absent\n"
            "  lost with the power (I/O 7):\n"
            "    /db/000001.log bytes [0, 512)\n"
            "    /db/000001.log size 47\n"
            "  missing barrier: a sync of 000001.log before step 1 was acknowledged (I/O 7) would "
            "have prevented it\n"
            "  meaning: docs/guarantees.md, P1\n"
            "  shrunk from 10 to 2 operations in 39 runs\n"
            "  replay: ./lab replay found.trace\n"
            "  step by step: ./lab replay found.trace --text\n");
}

TEST(Story, AsJsonHoldsATraceThatFailsInTheSameWay) {
  const Story story = Tell("c0 put a 1\nc0 put b 2\nc0 scan\n", Flaw::kLazyLast);
  const nlohmann::json json = ToJson(story);
  EXPECT_EQ(json.at("clause"), "P12");
  const auto trace = Parse(json.at("trace").get<std::string>());
  ASSERT_TRUE(trace.ok());
  EXPECT_EQ(PropertyId(RunTrace(*trace, Toy(Flaw::kLazyLast)).property), "P12");
}

// Over all flaws and flavours a finding is told in a handful of operations.
TEST(Story, IsShort) {
  std::vector<size_t> sizes;
  for (size_t flaw = 1; flaw <= static_cast<size_t>(Flaw::kStaleGet); ++flaw) {
    const TraceRunner run = ToyRunner(static_cast<Flaw>(flaw));
    for (const Flavour flavour : {Flavour::kModel, Flavour::kCrashes, Flavour::kFaults}) {
      for (uint64_t index = 0; index < 6; ++index) {
        const Trace trace = TraceAt(flavour, 3, index);
        const RunResult result = run(trace, {});
        if (result.ok) continue;
        InvestigateOptions options;
        options.max_barrier_runs = 0;
        const Story story = Investigate(trace, result, run, options);
        EXPECT_FALSE(story.result.ok);
        EXPECT_EQ(story.trace.expect, PropertyId(result.property));
        sizes.push_back(story.trace.operations.size());
        break;
      }
    }
  }
  ASSERT_GT(sizes.size(), 25U);
  std::sort(sizes.begin(), sizes.end());
  EXPECT_LE(sizes[sizes.size() / 2], 4U);
  EXPECT_LE(sizes.back(), 12U);
}

TEST(Story, OfAnEndlessLoopTakesFewAndShortRuns) {
  const auto trace =
      Parse("lsmlab-trace 1\nstage wal=labs/mine\nc0 put a 1\nc0 put b 2\nc0 scan\nc0 get a\n");
  ASSERT_TRUE(trace.ok());
  uint64_t runs = 0, long_runs = 0;
  const TraceRunner run = [&](const Trace& t, const RunOptions& options) {
    ++runs;
    if (options.silence_ms >= RunOptions().silence_ms) ++long_runs;
    RunResult result;
    result.ok = t.operations.empty();
    result.silent = !result.ok;
    result.property = Property::kP14;
    result.steps.resize(t.operations.size());
    return result;
  };
  const Story story = Investigate(*trace, run(*trace, {}), run);
  EXPECT_EQ(story.trace.operations.size(), 1U);
  EXPECT_LE(runs, 60U);
  EXPECT_EQ(long_runs, 2U);  // as it was found, and as it was shrunk
  const std::string text = ToText(story);
  EXPECT_NE(text.find("  meaning: docs/guarantees.md, P14\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  built with: wal=labs/mine\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace lsm::lab
