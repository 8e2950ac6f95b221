#include "testing/sweep.h"

#include <gtest/gtest.h>

#include <string>

#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

Trace ParseBody(const std::string& operations) {
  auto trace = Parse("lsmlab-trace 1\nstart closed\n" + operations);
  EXPECT_TRUE(trace.ok()) << trace.status().ToString();
  return *trace;
}

SweepOptions Toy(Flaw flaw) {
  SweepOptions options;
  options.again_one_in = 2;
  options.run.open = [flaw](const Options& o, const std::string& path) {
    return OpenToyDb(o, path, flaw);
  };
  return options;
}

constexpr char kWrites[] =
    "c0 put a 1 sync\nc0 batch put b 2 put c 2\nc0 put a @1500:3\n"
    "reopen\nc0 put d 4\nsyncwal\nc0 scan\n";

TEST(Survey, EachIoBelongsToItsStep) {
  const Survey survey = SurveyIo(ParseBody(kWrites), Toy(Flaw::kNone).run);
  ASSERT_TRUE(survey.result.ok);
  ASSERT_GE(survey.places.size(), 10U);
  EXPECT_EQ(survey.places[0].step, 0U) << "the creation belongs to the first step";
  for (size_t i = 0; i < survey.places.size(); ++i) {
    const IoPlace& place = survey.places[i];
    EXPECT_EQ(place.index, i);
    const uint64_t before = place.step == 0 ? 0 : survey.result.steps[place.step - 1].io;
    EXPECT_EQ(place.nth, place.index - before + 1);
    EXPECT_LT(place.index, survey.result.steps[place.step].io);
  }
  EXPECT_EQ(survey.places.back().index + 1, survey.result.steps.back().io);
}

TEST(Survey, ACutStrikesAtItsPlaceAndAtItsStep) {
  const Trace trace = ParseBody(kWrites);
  const Survey survey = SurveyIo(trace, Toy(Flaw::kNone).run);
  for (const IoPlace& place : survey.places) {
    const Trace cut = CutAt(trace, place, CrashImage());
    EXPECT_EQ(cut.operations.size(), place.step + 2);
    const RunResult result = RunTrace(cut, Toy(Flaw::kNone).run);
    ASSERT_EQ(result.cuts.size(), 1U);
    EXPECT_EQ(result.cuts[0].io, place.index);
    EXPECT_EQ(result.cuts[0].Lost().size(), place.disk->Unsynced().size());
  }
}

TEST(Survey, ACutOfARecoveryStrikesAtItsPlace) {
  const Trace trace = ParseBody(kWrites);
  const RunOptions toy = Toy(Flaw::kNone).run;
  const Trace cut = CutAt(trace, SurveyIo(trace, toy).places.back(), CrashImage());
  const Survey survey = SurveyRecovery(cut, toy);
  ASSERT_GE(survey.places.size(), 3U);
  EXPECT_EQ(survey.places[0].index, survey.result.cuts[0].io);
  for (const IoPlace& place : survey.places) {
    const RunResult result = RunTrace(CutAgain(cut, place, CrashImage()), toy);
    ASSERT_EQ(result.cuts.size(), 2U);
    EXPECT_EQ(result.cuts[1].io, place.index);
    EXPECT_EQ(result.cuts[1].Lost().size(), place.disk->Unsynced().size());
  }
}

TEST(Survey, AnErrorStrikesAtItsPlace) {
  const Trace trace = ParseBody(kWrites);
  const Survey survey = SurveyIo(trace, Toy(Flaw::kNone).run);
  RunOptions options = Toy(Flaw::kNone).run;
  options.keep_log = true;
  for (const IoPlace& place : survey.places) {
    for (const sim::Effect effect : {sim::Effect::kFail, sim::Effect::kShort, sim::Effect::kKeep}) {
      sim::Fault fault;
      fault.at = place.named;
      fault.effect = effect;
      if (!CheckFault(fault).ok()) continue;
      const RunResult result = RunTrace(FailAt(trace, place, fault, Aftermath::kResume), options);
      EXPECT_TRUE(result.ok) << result.expected << " / " << result.actual;
      const size_t injected = result.log.find(" injected");
      ASSERT_NE(injected, std::string::npos);
      const std::string io = "io " + std::to_string(place.index) + " ";
      EXPECT_NE(result.log.rfind(io, injected), std::string::npos) << io;
    }
  }
}

TEST(Sweep, ACorrectDatabasePassesAndTheWorkIsCounted) {
  const SweepReport report = Sweep(ParseBody(kWrites), Toy(Flaw::kNone));
  EXPECT_FALSE(report.failed.has_value()) << Print(*report.failed);
  EXPECT_GE(report.cuts, 15U);
  EXPECT_GE(report.states, 3 * report.cuts);
  EXPECT_GE(report.distinct, report.cuts);
  EXPECT_LT(report.distinct, report.states);
  EXPECT_GE(report.again, 100U);
}

TEST(Sweep, EveryFateIsTriedOnTheEngine) {
  const SweepReport report = Sweep(ParseBody("c0 put a 1\nreopen\nc0 put a 2\n"), {});
  EXPECT_FALSE(report.failed.has_value()) << Print(*report.failed);
  for (size_t i = 0; i < sim::kFates; ++i) {
    EXPECT_GT(report.fates[i], 0U) << NameOf(static_cast<sim::Fate::Kind>(i));
  }
  EXPECT_GT(report.told, 0U) << "a rename that is not atomic may lose CURRENT";
}

TEST(Sweep, IsAFunctionOfItsSeed) {
  const auto traces = [](uint64_t seed) {
    std::string text;
    SweepOptions options = Toy(Flaw::kNone);
    options.seed = seed;
    options.on_trace = [&text](const Trace& trace) { text += Print(trace); };
    Sweep(ParseBody(kWrites), options);
    return text;
  };
  EXPECT_EQ(traces(1), traces(1));
  EXPECT_NE(traces(1), traces(2));
}

TEST(Sweep, StopsAtTheFirstFailure) {
  SweepOptions options = Toy(Flaw::kSkipSync);
  Trace last;
  options.on_trace = [&last](const Trace& trace) { last = trace; };
  const SweepReport report = Sweep(ParseBody(kWrites), options);
  ASSERT_TRUE(report.failed.has_value());
  EXPECT_EQ(*report.failed, last);
}

// Flaws that only crashes show.
struct Control {
  Flaw flaw;
  Property property;
};

class SweepControl : public ::testing::TestWithParam<Control> {};

TEST_P(SweepControl, IsFound) {
  const SweepOptions options = Toy(GetParam().flaw);
  const SweepReport report = Sweep(ParseBody(kWrites), options);
  ASSERT_TRUE(report.failed.has_value());
  EXPECT_EQ(RunTrace(*report.failed, options.run).property, GetParam().property);
}

INSTANTIATE_TEST_SUITE_P(Flaws, SweepControl,
                         ::testing::Values(Control{Flaw::kSkipSync, Property::kP1},
                                           Control{Flaw::kCloseUnsynced, Property::kP1},
                                           Control{Flaw::kSplitBatch, Property::kP3},
                                           Control{Flaw::kLoseOnRewrite, Property::kP5},
                                           Control{Flaw::kTornIsCorrupt, Property::kP8}));

// Flaws that do not show as long as units are kept or lost, but only with another fate.
struct FateControl {
  Flaw flaw;
  Property property;
  std::string_view fates;  // one of which is in the finding
};

// Of each cut all subsets of the units.
bool IsFoundByKeepingAndLosing(const Trace& trace, const RunOptions& run) {
  for (const IoPlace& place : SurveyIo(trace, run).places) {
    const size_t units = place.disk->Unsynced().size();
    EXPECT_LE(units, 8U);
    for (uint64_t subset = 0; subset < uint64_t{1} << units; ++subset) {
      CrashImage image{.kind = CrashImage::Kind::kUnits};
      for (size_t i = 0; i < units; ++i) {
        if ((subset >> i & 1) != 0) image.units.emplace_back(i, true);
      }
      if (!RunTrace(CutAt(trace, place, image), run).ok) return true;
    }
  }
  return false;
}

class SweepFateControl : public ::testing::TestWithParam<FateControl> {};

TEST_P(SweepFateControl, IsFoundByThisFateAlone) {
  const Trace trace =
      ParseBody("c0 put a 1\nreopen\nc0 put a 2\nc0 put a 3 sync\nreopen\nc0 put a 4\n");
  const SweepOptions options = Toy(GetParam().flaw);
  EXPECT_FALSE(IsFoundByKeepingAndLosing(trace, options.run));
  const SweepReport report = Sweep(trace, options);
  ASSERT_TRUE(report.failed.has_value());
  const RunResult result = RunTrace(*report.failed, options.run);
  EXPECT_EQ(result.property, GetParam().property);
  bool is_there = false;
  for (const CutReport& cut : result.cuts) {
    for (const sim::Fate& fate : cut.image) {
      is_there |= GetParam().fates.find(NameOf(fate.kind)) != std::string_view::npos;
    }
  }
  EXPECT_TRUE(is_there) << Print(*report.failed);
}

INSTANTIATE_TEST_SUITE_P(
    Flaws, SweepFateControl,
    ::testing::Values(FateControl{Flaw::kTrustHeader, Property::kP6, "part stale"},
                      FateControl{Flaw::kZerosAreTorn, Property::kP8, "garbage part"},
                      FateControl{Flaw::kTrustStale, Property::kP6, "stale"}));

}  // namespace
}  // namespace lsm::lab
