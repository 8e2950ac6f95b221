// The kept traces: each was a finding, or is a bug that other engines had.
#include <gtest/gtest.h>

#include "base/mix.h"
#include "crash_tests/trace_files.h"
#include "testing/normalise.h"

namespace lsm::lab {
namespace {

class KeptTrace : public ::testing::TestWithParam<TraceFile> {};

TEST_P(KeptTrace, EndsAsItExpectsAndDoesWhatItSays) {
  EXPECT_TRUE(HasComment(GetParam())) << "say in a comment what it was";
  const auto trace = Parse(GetParam().text);
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
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
