// The kept traces: each was a finding, or is a bug that other engines had. They
// must pass.
#include <gtest/gtest.h>

#include "crash_tests/trace_files.h"
#include "testing/runner.h"

namespace lsm::lab {
namespace {

class KeptTrace : public ::testing::TestWithParam<TraceFile> {};

TEST_P(KeptTrace, Passes) {
  EXPECT_TRUE(HasComment(GetParam())) << "say in a comment what it was";
  const auto trace = Parse(GetParam().text);
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  const RunResult result = RunTrace(*trace);
  EXPECT_TRUE(result.ok) << PropertyText(result.property) << " at step " << result.step + 1 << ": "
                         << result.expected << ", not " << result.actual;
#ifdef LSM_REFERENCE_STAGES
  // A cut that is never reached shows nothing.
  size_t cuts = 0;
  for (const Operation& op : trace->operations) cuts += op.cuts.size();
  EXPECT_EQ(result.cuts.size(), cuts) << "an I/O operation that is named was not reached";
#endif
}

INSTANTIATE_TEST_SUITE_P(Traces, KeptTrace, ::testing::ValuesIn(TraceFiles("traces")), NameOf);

}  // namespace
}  // namespace lsm::lab
