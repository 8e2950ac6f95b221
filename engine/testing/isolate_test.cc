#include "testing/isolate.h"

#include <gtest/gtest.h>

#include <cstdlib>

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

TEST(Isolate, AnAbortIsAResult) {
  const auto trace = Parse("lsmlab-trace 1\nc0 put k v\nc0 get k\n");
  RunOptions options;
  options.open = [](const Options&, const std::string&) -> Result<std::unique_ptr<DB>> {
    std::abort();
  };
  const RunResult result = RunTraceIsolated(*trace, options);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.property, Property::kP0);
  EXPECT_NE(result.actual.find("signal 6"), std::string::npos) << result.actual;
}

TEST(Isolate, AnEndlessLoopIsAResult) {
  const auto trace = Parse("lsmlab-trace 1\nc0 put k v\n");
  RunOptions options;
  options.open = [](const Options&, const std::string&) -> Result<std::unique_ptr<DB>> {
    for (volatile bool forever = true; forever;) {
    }
    return Status::Ok();
  };
  options.silence_ms = 50;
  const RunResult result = RunTraceIsolated(*trace, options);
  EXPECT_EQ(result.property, Property::kP14);
  EXPECT_TRUE(result.silent);
}

TEST(Isolate, AResultComesBackWhole) {
  const auto trace = Parse("lsmlab-trace 1\nc0 put k v\ncrash io=0 keep=none\nc0 get k\n");
  RunOptions options = Toy(Flaw::kSkipSync);
  options.keep_log = true;
  const RunResult here = RunTrace(*trace, options), there = RunTraceIsolated(*trace, options);
  EXPECT_EQ(here.ok, there.ok);
  EXPECT_EQ(here.log, there.log);
  EXPECT_EQ(here.steps.size(), there.steps.size());
  EXPECT_EQ(here.cuts.at(0).Lost(), there.cuts.at(0).Lost());
}

TEST(TraceServer, GoesOnAfterATraceThatEndsItsChild) {
  TraceServer server([](const Options& options, const std::string& path) {
    if (options.block_bytes == 64) std::abort();
    return OpenToyDb(options, path, Flaw::kLazyLast);
  });
  const auto wrong = Parse("lsmlab-trace 1\nc0 put a 1\nc0 put b 2\nc0 scan\n");
  const auto right = Parse("lsmlab-trace 1\nc0 put a 1\nc0 get a\n");
  const auto deadly = Parse("lsmlab-trace 1\noption block_bytes 64\nc0 get a\n");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(server.Run(*wrong).property, Property::kP12);
    EXPECT_TRUE(server.Run(*right).ok);
    EXPECT_NE(server.Run(*deadly).actual.find("signal 6"), std::string::npos);
  }
}

TEST(TraceServer, PassesOptionsOn) {
  const auto trace = Parse("lsmlab-trace 1\nc0 put k v\n");
  const RunOptions toy = Toy(Flaw::kNone);
  TraceServer server(toy.open);
  RunOptions options;
  EXPECT_TRUE(server.Run(*trace, options).log.empty());
  options.keep_log = options.report_dirty = true;
  const RunResult result = server.Run(*trace, options);
  EXPECT_FALSE(result.log.empty());
  EXPECT_FALSE(result.dirty.empty());
  options.image = [](const std::vector<sim::UnsyncedUnit>& units) {
    return sim::Image(units.size(), sim::Fate(true));
  };
  const auto cut = Parse("lsmlab-trace 1\nc0 put k v\ncrash io=0 keep=none\n");
  EXPECT_TRUE(server.Run(*cut).cuts.at(0).Kept().empty());
  EXPECT_FALSE(server.Run(*cut, options).cuts.at(0).Kept().empty());
  EXPECT_TRUE(server.Run(*cut).cuts.at(0).Kept().empty());
}

}  // namespace
}  // namespace lsm::lab
