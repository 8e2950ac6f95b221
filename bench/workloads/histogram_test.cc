#include "workloads/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "testing/sim/random.h"

namespace lsm::bench {
namespace {

TEST(Histogram, OfNothingIsZero) {
  const Histogram none;
  EXPECT_EQ(none.Quantile(0.5), 0u);
  EXPECT_EQ(none.max(), 0u);
}

TEST(Histogram, SmallTimesAreExact) {
  Histogram h;
  for (uint64_t i = 1; i <= 100; ++i) h.Add(i);
  EXPECT_EQ(h.Quantile(0.5), 50u);
  EXPECT_EQ(h.Quantile(0.99), 99u);
  EXPECT_EQ(h.Quantile(1), 100u);
}

TEST(Histogram, QuantilesAreTheSortedTimesUpToTheBucket) {
  sim::Random random(1);
  std::vector<uint64_t> times;
  Histogram h, other;
  for (int i = 0; i < 20'000; ++i) {
    times.push_back(random.Next() >> (random.Next() % 64));
    (i % 2 == 0 ? h : other).Add(times.back());
  }
  h.Add(other);
  std::sort(times.begin(), times.end());
  EXPECT_EQ(h.count(), times.size());
  EXPECT_EQ(h.max(), times.back());
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const uint64_t exact = times[static_cast<size_t>(q * 20'000) - 1];
    EXPECT_GE(h.Quantile(q), exact);
    EXPECT_LE(static_cast<double>(h.Quantile(q)), static_cast<double>(exact) * 1.016) << q;
  }
}

}  // namespace
}  // namespace lsm::bench
