// The workloads are what the rows of lsm-verify expect, and lead to where their
// comments say.
#include <gtest/gtest.h>

#include <sstream>

#include "base/marks.h"
#include "base/mix.h"
#include "crash_tests/trace_files.h"
#include "testing/runner.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

class Workload : public ::testing::TestWithParam<TraceFile> {};

TEST_P(Workload, HasTheFormThatTheRowsNeed) {
  EXPECT_TRUE(HasComment(GetParam())) << "say in a comment what it is for";
  const auto trace = Parse(GetParam().text);
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  EXPECT_TRUE(trace->start_closed);
  EXPECT_EQ(trace->clients, 1U);
  const std::vector<Operation>& operations = trace->operations;
  ASSERT_GE(operations.size(), 3U);
  EXPECT_EQ((operations.end() - 2)->kind, Kind::kReopen);
  EXPECT_EQ(operations.back().kind, Kind::kScan);
  for (const Operation& op : operations) {
    EXPECT_TRUE(op.kind != Kind::kCrash && op.kind != Kind::kKill) << Print(op);
  }
}

// "# marks: A B" names coverage marks that it hits.
TEST_P(Workload, PassesAndReachesItsMarks) {
  const auto trace = Parse(GetParam().text);
  ASSERT_TRUE(trace.ok());
  marks::ResetAll();
  const RunResult result = RunTrace(*trace);
  EXPECT_TRUE(result.ok) << result.expected << ", not " << result.actual;
  constexpr std::string_view kLine = "# marks: ";
  const size_t line = GetParam().text.find(kLine);
  if (line == std::string::npos) return;
  const size_t begin = line + kLine.size();
  std::istringstream names(
      GetParam().text.substr(begin, GetParam().text.find('\n', begin) - begin));
  for (std::string name; names >> name;) {
    size_t mark = 0;
    while (mark < marks::kCount && marks::kInfo[mark].name != name) ++mark;
    ASSERT_LT(mark, marks::kCount) << "no such mark: " << name;
    if (ReplacedStages().empty()) {
      EXPECT_GT(marks::counts[mark].load(), 0U) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Workloads, Workload, ::testing::ValuesIn(TraceFiles("workloads")), NameOf);

}  // namespace
}  // namespace lsm::lab
