// What random traces hold: a property that nothing in them can break is not tested by them.
#include "testing/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "testing/policies.h"
#include "testing/runner.h"

namespace lsm::lab {
namespace {

constexpr uint64_t kTraces = 60;

class Flavours : public ::testing::TestWithParam<Flavour> {
 protected:
  Trace At(uint64_t index) const { return TraceAt(GetParam(), 1, index); }
};

// Those that the stage supports. A history has no place for data that goes by itself.
TEST_P(Flavours, OpenUnderEveryPolicyAndSwitch) {
  std::array<uint64_t, kPolicies> opens{};
  uint64_t switches = 0, expired = 0;
  for (uint64_t i = 0; i < kTraces; ++i) {
    const RunResult result = RunTrace(At(i));
    ASSERT_TRUE(result.ok) << Print(At(i)) << result.expected << " / " << result.actual;
    size_t policies = 0;
    for (size_t p = 0; p < kPolicies; ++p) {
      opens[p] += result.opens[p];
      if (result.opens[p] > 0) ++policies;
    }
    if (policies > 1) ++switches;
    expired += result.tables_expired;
  }
  const bool keeps = GetParam() == Flavour::kHistories;
  const std::vector<std::string>& supported = keeps ? KeepingPolicies() : Policies();
  for (size_t p = 0; p < kPolicies; ++p) {
    const bool is_used =
        std::find(supported.begin(), supported.end(), kPolicyNames[p]) != supported.end();
    EXPECT_EQ(opens[p] > 0, is_used) << kPolicyNames[p];
  }
  EXPECT_EQ(switches > 0, supported.size() > 1);
  EXPECT_EQ(expired > 0, supported.back() == "fifo");
}

INSTANTIATE_TEST_SUITE_P(All, Flavours,
                         ::testing::Values(Flavour::kModel, Flavour::kCrashes, Flavour::kSchedules,
                                           Flavour::kFaults, Flavour::kHistories,
                                           Flavour::kDamaged),
                         [](const auto& flavour) {
                           return std::string(FlavourName(flavour.param));
                         });

}  // namespace
}  // namespace lsm::lab
