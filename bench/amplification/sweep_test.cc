// A small slice of the sweep: what the whole engine counts agrees with the closed forms. Nothing is
// timed, so the numbers repeat.
#include "amplification/sweep.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lsm::bench {
namespace {

// The rate of LevelDB's filter, which is not the optimum: contract/bloom/concept.h, B-RATE.
constexpr double kFilterRateBound = 1.6;

TEST(AmplificationSweep, AgreesWithTheClosedForms) {
  for (const SweepPoint& point : QuickSweep()) {
    SCOPED_TRACE(PolicyName(point.policy));
    const Result<Amplification> a = CountPoint(point);
    if (a.status().code() == StatusCode::kNotSupported) continue;  // a replaced stage
    ASSERT_TRUE(a.ok()) << a.status().ToString();
    for (const Figure& figure : {a->write, a->runs, a->space}) {
      EXPECT_LE(std::abs(figure.Deviation()), kMarkedDeviation)
          << figure.counted << " counted, closed form " << figure.closed;
    }
    EXPECT_GT(a->searched.counted, 0);
    EXPECT_LE(a->searched.counted, kFilterRateBound * a->searched.closed);
  }
}

TEST(AmplificationSweep, CountsTheSameTwice) {
  SweepPoint point = QuickSweep()[0];
  point.keys = 512;
  const Result<Amplification> a = CountPoint(point), b = CountPoint(point);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->write_per_level, b->write_per_level);
  EXPECT_EQ(a->searched.counted, b->searched.counted);
  EXPECT_EQ(a->blocks_scan10, b->blocks_scan10);
}

// The comparison can fail: another ratio is another cost.
TEST(AmplificationSweep, OfAnotherRatioIsAnother) {
  SweepPoint point = QuickSweep()[0];
  point.keys = 512;
  const Result<Amplification> a = CountPoint(point);
  point.ratio = 8;
  const Result<Amplification> b = CountPoint(point);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_GT(std::abs(a->write.counted / b->write.closed - 1), kMarkedDeviation);
}

}  // namespace
}  // namespace lsm::bench
