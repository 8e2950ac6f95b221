#include "testing/error_sweep.h"

#include <gtest/gtest.h>

#include <string>

#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

using sim::Effect;

constexpr char kWrites[] =
    "lsmlab-trace 1\nstart closed\n"
    "c0 put a 1 sync\nc0 batch put b 2 put c 2\nc0 put a 3 sync\nc0 put d 4\nsyncwal\n"
    "reopen\nc0 scan\n";

ErrorSweepOptions Toy(Flaw flaw) {
  ErrorSweepOptions options;
  options.run.open = [flaw](const Options& o, const std::string& path) {
    return OpenToyDb(o, path, flaw);
  };
  return options;
}

// The lies are no errors that an engine could answer for.
void ExpectAllEffects(const ErrorSweepReport& report) {
  for (size_t i = 0; i < report.effects.size(); ++i) {
    const auto effect = static_cast<Effect>(i);
    EXPECT_EQ(report.effects[i] > 0, effect != Effect::kLie) << NameOf(effect);
  }
}

TEST(ErrorSweep, ACorrectDatabasePassesEveryErrorWithEachAftermath) {
  const Trace trace = *Parse(kWrites);
  ErrorSweepOptions options = Toy(Flaw::kNone);
  const ErrorSweepReport one = SweepErrors(trace, options);
  EXPECT_FALSE(one.failed.has_value()) << Print(*one.failed);
  options.all_aftermaths = true;
  const ErrorSweepReport all = SweepErrors(trace, options);
  EXPECT_FALSE(all.failed.has_value()) << Print(*all.failed);
  ExpectAllEffects(all);
  EXPECT_EQ(one.places, all.places);
  EXPECT_GT(all.errors, 2 * one.errors);
}

TEST(ErrorSweep, TheEnginePasses) {
  const ErrorSweepReport report = SweepErrors(*Parse(kWrites), {});
  EXPECT_FALSE(report.failed.has_value()) << Print(*report.failed);
  ExpectAllEffects(report);
}

// Every operation that a run does fails once, the reads too.
TEST(ErrorSweep, ReachesAllReads) {
  const Trace trace = *Parse(kWrites);
  uint64_t reads = 0;
  ErrorSweepOptions options = Toy(Flaw::kNone);
  options.on_trace = [&reads](const Trace& failing) {
    const sim::IoAddress& at = failing.operations[0].fault.at;
    if (at.io == sim::IoKind::kRead) reads = at.nth;
  };
  EXPECT_FALSE(SweepErrors(trace, options).failed.has_value());
  ASSERT_GE(reads, 2U);
  Trace failing = trace;
  Operation fail;
  fail.kind = Operation::Kind::kFail;
  fail.fault.at = {.io = sim::IoKind::kRead, .nth = reads};
  failing.operations.insert(failing.operations.begin(), fail);
  EXPECT_TRUE(RunTrace(failing, options.run).strikes.empty()) << "so many reads there are not";
  --failing.operations[0].fault.at.nth;
  EXPECT_EQ(RunTrace(failing, options.run).strikes.size(), 1U);
}

TEST(ErrorSweep, EndsThoughAnErrorOfTheTraceItselfStrikesInEachRun) {
  const Trace trace = *Parse(
      "lsmlab-trace 1\nstart closed\nc0 put a 1\nfail at=append:log:1 code=io once\nc0 put b 2\n"
      "resume\nc0 put c 3 sync\n");
  const ErrorSweepReport report = SweepErrors(trace, Toy(Flaw::kNone));
  EXPECT_FALSE(report.failed.has_value()) << Print(*report.failed);
  EXPECT_GT(report.errors, 20U);
}

struct Control {
  Flaw flaw;
  Property property;
  std::string_view effect;  // of the error that found it
};

class ErrorControl : public ::testing::TestWithParam<Control> {};

TEST_P(ErrorControl, IsFound) {
  ErrorSweepOptions options = Toy(GetParam().flaw);
  options.all_aftermaths = true;
  const ErrorSweepReport report = SweepErrors(*Parse(kWrites), options);
  ASSERT_TRUE(report.failed.has_value());
  EXPECT_EQ(RunTrace(*report.failed, options.run).property, GetParam().property);
  const std::string text = Print(*report.failed);
  EXPECT_NE(text.find(GetParam().effect), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Flaws, ErrorControl,
    ::testing::Values(Control{Flaw::kSwallowErrors, Property::kP9, "code=io once"},
                      Control{Flaw::kGoOnAfterError, Property::kP10, "code=io"},
                      Control{Flaw::kResumeGoesOn, Property::kP1, "effect="}));

}  // namespace
}  // namespace lsm::lab
