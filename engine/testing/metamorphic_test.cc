#include "testing/metamorphic.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

constexpr char kOperations[] =
    "lsmlab-trace 1\n"
    "c0 put a 1\nc0 put b @300:1\nflush\nc0 delete a\nc0 snapshot s\nc0 put b 2\nc0 get b at s\n"
    "reopen\nc0 put c @900:3\nc0 scan\nreopen\ncompact\nc0 multiget 2 a b\nreopen\nc0 get c\n";

Trace Base() { return *Parse(kOperations); }
void Ignore(const Trace&) {}

TEST(Metamorphic, ThereAreManyNamedOptionSetsAndAllAreValid) {
  const std::vector<OptionSet> sets = NamedOptionSets();
  EXPECT_GE(sets.size(), 30U);
  std::set<std::string> names;
  for (const OptionSet& set : sets) {
    EXPECT_TRUE(names.insert(set.name).second) << set.name;
    const auto trace = Parse(Print(UnderOptions(Base(), {set}, 0)));
    ASSERT_TRUE(trace.ok()) << set.name << ": " << trace.status().ToString();
  }
}

TEST(Metamorphic, EachReopenHasAnotherSet) {
  const std::vector<OptionSet> sets = NamedOptionSets();
  const Trace trace = UnderOptions(Base(), sets, 3);
  EXPECT_EQ(trace.options, sets[3].options);
  std::vector<TraceOptions> reopens;
  for (const Operation& op : trace.operations) {
    if (op.kind == Operation::Kind::kReopen) reopens.push_back(op.options);
  }
  EXPECT_EQ(reopens,
            (std::vector<TraceOptions>{sets[10].options, sets[17].options, sets[24].options}));
  EXPECT_EQ(*Parse(Print(trace)), trace);
}

TEST(Metamorphic, TheEngineGivesOneHistory) {
  std::vector<OptionSet> sets = NamedOptionSets();
  for (uint64_t seed = 1; seed <= 10; ++seed) sets.push_back(RandomOptionSet(seed));
  const MetamorphicReport report = RunUnderAll(Base(), sets, Ignore);
  EXPECT_FALSE(report.failed.has_value()) << Print(*report.failed);
  EXPECT_EQ(report.difference, "");
  EXPECT_EQ(report.runs, sets.size());
  EXPECT_EQ(report.answers, 15 * (sets.size() - 1));
}

// A database that is wrong under one option set is found by its answers.
TEST(Metamorphic, AWrongAnswerUnderOneSetIsFound) {
  RunOptions run;
  run.open = [](const Options& o, const std::string& path) {
    return OpenToyDb(o, path, o.bits_per_key == 0 ? Flaw::kLazyLast : Flaw::kNone);
  };
  const MetamorphicReport report = RunUnderAll(Base(), NamedOptionSets(), Ignore, run);
  ASSERT_TRUE(report.failed.has_value());
  EXPECT_FALSE(RunTrace(*report.failed, run).ok);
}

// An answer that no property judges: which operation an injected error strikes.
TEST(Metamorphic, AnAnswerThatOnlyDiffersIsFound) {
  const Trace base =
      *Parse("lsmlab-trace 1\nc0 put k @2000:1\nfail io=1 code=io once\nc0 put k w\nresume\n");
  const std::vector<OptionSet> sets = {{"plain", {{"wal_io", "plain"}}},
                                       {"tiny", {{"memtable_bytes", "1024"}}}};
  const MetamorphicReport report = RunUnderAll(base, sets, Ignore);
  EXPECT_FALSE(report.failed.has_value());
  EXPECT_NE(report.difference.find("under 'plain' and 'tiny'"), std::string::npos);
}

}  // namespace
}  // namespace lsm::lab
