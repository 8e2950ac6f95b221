// The model check on engines that nobody here wrote.
#include "foreign/engine_run.h"

#include <gtest/gtest.h>

#include "testing/generator.h"
#include "testing/isolate.h"
#include "testing/story.h"

namespace lsm::lab {
namespace {

RunResult RunIsolated(const EngineInfo& engine, const Trace& trace) {
  return RunTraceIsolated(
      trace, {}, [&](const Trace& t, const RunOptions& o) { return RunTraceOn(engine, t, o); });
}

class EngineRun : public testing::TestWithParam<EngineInfo> {};

TEST_P(EngineRun, answers_random_traces_as_the_oracle_does) {
  constexpr uint64_t kTraces = 10;
  uint64_t checks = 0;
  for (uint64_t i = 0; i < kTraces; ++i) {
    const Trace trace = FitTrace(TraceAt(Flavour::kModel, 1, i), GetParam());
    const RunResult result = RunIsolated(GetParam(), trace);
    ASSERT_TRUE(result.ok) << PropertyText(result.property) << " at step " << result.step + 1
                           << ": " << result.expected << " | " << result.actual << "\n"
                           << Print(trace);
    checks += result.checks;
  }
  EXPECT_GT(checks, 20 * kTraces);
}

INSTANTIATE_TEST_SUITE_P(All, EngineRun, testing::ValuesIn(Engines()), [](const auto& engine) {
  std::string name = engine.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// An engine that loses a deletion.
class Forgetful final : public Engine {
 public:
  explicit Forgetful(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
  Status Write(const WriteBatch& batch, bool sync) override {
    struct PutsOnly final : WriteBatch::Handler {
      void Put(std::string_view key, std::string_view value) override { puts.Put(key, value); }
      void Delete(std::string_view) override {}
      WriteBatch puts;
    } handler;
    LSM_RETURN_IF_ERROR(batch.Iterate(&handler));
    return engine_->Write(handler.puts, sync);
  }
  Status Get(std::string_view key, State at, std::string* value) override {
    return engine_->Get(key, at, value);
  }
  std::unique_ptr<Cursor> NewCursor(State at) override { return engine_->NewCursor(at); }
  State TakeSnapshot() override { return engine_->TakeSnapshot(); }
  void ReleaseSnapshot(State snapshot) override { engine_->ReleaseSnapshot(snapshot); }

 private:
  const std::unique_ptr<Engine> engine_;
};

Result<std::unique_ptr<Engine>> OpenForgetful(const Options& options, const std::string& dir) {
  LSM_ASSIGN_OR_RETURN(auto notes, FindEngine("notes")->open(options, dir));
  return std::unique_ptr<Engine>(std::make_unique<Forgetful>(std::move(notes)));
}

TEST(EngineRunControl, a_lost_deletion_is_found) {
  EngineInfo forgetful = *FindEngine("notes");
  forgetful.open = OpenForgetful;
  Trace trace = *Parse("lsmlab-trace 1\nc0 put k v\nc0 delete k\nc0 get k\n");
  const RunResult result = RunTraceOn(forgetful, trace);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.property, Property::kP4);
  EXPECT_EQ(result.step, 2u);
}

TEST(EngineRunControl, traces_ask_only_for_what_an_engine_has) {
  Trace trace = *Parse("lsmlab-trace 1\nc0 put k v\nc0 checkpoint\nflush\nc0 compact\nreopen\n");
  EXPECT_EQ(FitTrace(trace, *FindEngine("notes")).operations.size(), 2u);
}

TEST(EngineRunControl, values_fill_the_least_memtable) {
  EngineInfo large = *FindEngine("notes");
  large.least_memtable_bytes = size_t{64} << 10;
  size_t bytes = 0;
  for (const Operation& op : FitTrace(TraceAt(Flavour::kModel, 1, 0), large).operations) {
    for (const Update& update : op.updates) bytes += update.value.value_or("").size();
  }
  EXPECT_GT(bytes, large.least_memtable_bytes / 2);
}

TEST(FindEngine, names_what_is_there) {
  const auto engine = FindEngine("bigtable");
  ASSERT_FALSE(engine.ok());
  EXPECT_NE(engine.status().message().find("notes"), std::string_view::npos);
}

}  // namespace
}  // namespace lsm::lab
