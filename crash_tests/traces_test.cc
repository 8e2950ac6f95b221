// The kept traces: each was a finding, or is a bug that other engines had.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/mix.h"
#include "crash_tests/trace_files.h"
#include "testing/normalise.h"
#include "testing/policies.h"

namespace lsm::lab {
namespace {

// A policy of the trace that this build's compaction stage does not have; empty if none.
std::string MissingPolicy(const std::string& trace) {
  const std::vector<std::string>& had = Policies();
  for (const std::string name : kPolicyNames) {
    const bool asked = trace.find(" policy " + name + " ") != std::string::npos;
    if (asked && std::find(had.begin(), had.end(), name) == had.end()) return name;
  }
  return "";
}

class KeptTrace : public ::testing::TestWithParam<TraceFile> {};

TEST_P(KeptTrace, EndsAsItExpectsAndDoesWhatItSays) {
  EXPECT_TRUE(HasComment(GetParam())) << "say in a comment what it was";
  const auto trace = Parse(GetParam().text);
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  const std::string missing = MissingPolicy(GetParam().text);
  if (!missing.empty()) GTEST_SKIP() << "the stage does not support " << missing;
  const RunResult result = RunTrace(*trace);
  EXPECT_EQ(VerdictOf(result), trace->expect)
      << "at step " << result.step + 1 << ": " << result.expected << ", not " << result.actual;
  if (!ReplacedStages().empty()) return;
  // A cut that is never reached shows nothing.
  for (const std::string& stale : result.stale) ADD_FAILURE() << stale;
}

INSTANTIATE_TEST_SUITE_P(Traces, KeptTrace, ::testing::ValuesIn(TraceFiles("traces")), NameOf);

}  // namespace
}  // namespace lsm::lab
