// Runs the kept traces.
#include <gtest/gtest.h>

#include "lsm/env.h"
#include "testing/normalise.h"

namespace lsm::lab {
namespace {

Result<std::string> ReadText(const std::string& path) {
  LSM_ASSIGN_OR_RETURN(const uint64_t size, Env::Default()->FileSize(path));
  LSM_ASSIGN_OR_RETURN(auto file, Env::Default()->OpenSequential(path));
  std::string text(size, '\0');
  LSM_ASSIGN_OR_RETURN(const size_t n, file->Read(size, text.data()));
  text.resize(n);
  return text;
}

TEST(Regressions, EndAsTheyExpectAndDoWhatTheySay) {
  const std::string dir = LSM_REGRESSIONS;
  const auto names = Env::Default()->ListDir(dir);
  ASSERT_TRUE(names.ok()) << names.status().ToString();
  int traces = 0;
  for (const std::string& name : *names) {
    if (!name.ends_with(".trace")) continue;
    ++traces;
    const auto text = ReadText(dir + "/" + name);
    ASSERT_TRUE(text.ok()) << text.status().ToString();
    const auto trace = Parse(*text);
    ASSERT_TRUE(trace.ok()) << name << ": " << trace.status().ToString();
    const RunResult result = RunTrace(*trace);
    EXPECT_EQ(VerdictOf(result), trace->expect) << name << ": " << result.actual;
    for (const std::string& stale : result.stale) ADD_FAILURE() << name << ": " << stale;
  }
  EXPECT_GE(traces, 4);
}

}  // namespace
}  // namespace lsm::lab
