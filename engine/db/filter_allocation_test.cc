#include "db/filter_allocation.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <cmath>

namespace lsm {
namespace {

const double kLn2Squared = std::log(2.0) * std::log(2.0);

// Bits of all filters for each entry of the tree.
double Memory(const TreeShape& shape, const std::vector<double>& bits) {
  double sum = 0, entries = 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    sum += static_cast<double>(shape[i].bytes) * bits[i];
    entries += static_cast<double>(shape[i].bytes);
  }
  return sum / entries;
}

// `levels` full levels below each other, the last of which has `last` bytes.
TreeShape Geometric(int levels, uint64_t ratio, uint64_t runs, uint64_t last) {
  TreeShape shape(static_cast<size_t>(levels));
  for (size_t i = shape.size(); i-- > 0; last /= ratio) shape[i] = {runs, last};
  return shape;
}

std::vector<double> Uniform(const TreeShape& shape, double bits) {
  return std::vector<double>(shape.size(), bits);
}

TEST(MonkeyTest, OneRunGetsAllTheMemory) {
  const TreeShape shape = {{0, 0}, {1, 1000}, {0, 0}};
  for (const double bits : MonkeyBits(shape, 8)) EXPECT_NEAR(bits, 8, 1e-9);
}

TEST(MonkeyTest, RunsOfOneSizeShareEqually) {
  for (const double bits : MonkeyBits(TreeShape{{4, 4000}, {1, 1000}, {2, 2000}}, 8)) {
    EXPECT_NEAR(bits, 8, 1e-9);
  }
}

// Equations 5 to 8 of the paper, for a tree so deep that its upper levels weigh nothing: the sum R
// of the rates does not depend on the number of levels, and each level's rate is a T-th of the one
// below it.
TEST(MonkeyTest, AgreesWithTheClosedForm) {
  for (const uint64_t ratio : {2, 4, 10}) {
    for (const bool tiered : {false, true}) {
      const auto t = static_cast<double>(ratio);
      const uint64_t runs = tiered ? ratio - 1 : 1;
      const int levels = ratio == 2 ? 40 : 16;
      const TreeShape shape = Geometric(levels, ratio, runs, uint64_t{1} << 62);
      const double average = 12;
      const std::vector<double> bits = MonkeyBits(shape, average);
      const double leveled = std::pow(t, t / (t - 1)) / (t - 1) * std::exp(-average * kLn2Squared);
      const double sum = leveled * static_cast<double>(runs);
      EXPECT_NEAR(ExpectedFalsePositives(shape, bits) / sum, 1, 0.001) << ratio << tiered;
      for (size_t above = 0; above < 5; ++above) {  // the last level, and those above it
        const double rate = std::exp(-bits[shape.size() - 1 - above] * kLn2Squared);
        const double closed =
            sum * (t - 1) / t / static_cast<double>(runs) / std::pow(t, static_cast<double>(above));
        EXPECT_NEAR(rate / closed, 1, 0.001) << ratio << tiered << above;
      }
    }
  }
}

// Uniform bits cost one rate a level; with ten times larger levels that is what is gained.
TEST(MonkeyTest, SixLevelsOfRatioTenSearchAFourthAsOftenForNothing) {
  const TreeShape shape = Geometric(6, 10, 1, 10'000'000'000);
  const double monkey = ExpectedFalsePositives(shape, MonkeyBits(shape, 10));
  const double uniform = ExpectedFalsePositives(shape, Uniform(shape, 10));
  EXPECT_NEAR(uniform, 0.049, 0.001);
  EXPECT_NEAR(monkey, 0.012, 0.001);
}

// So little memory that the largest runs go without, and none is below zero.
TEST(MonkeyTest, WithoutMemoryThereAreNoFilters) {
  const TreeShape shape = Geometric(5, 10, 1, 1'000'000);
  for (const double bits : MonkeyBits(shape, 0)) EXPECT_EQ(bits, 0);
  const std::vector<double> few = MonkeyBits(shape, 0.1);
  EXPECT_EQ(few.back(), 0);
  EXPECT_GT(few.front(), 5);
  EXPECT_NEAR(Memory(shape, few), 0.1, 1e-9);
}

RC_GTEST_PROP(MonkeyProperty, NeverWorseThanUniformAtEqualMemory, ()) {
  TreeShape shape;
  const auto levels = *rc::gen::inRange(1, kMaxLevels + 1);
  uint64_t total = 0;
  for (int i = 0; i < levels; ++i) {
    const bool empty = *rc::gen::element(true, false, false, false);
    const auto runs = *rc::gen::inRange<uint64_t>(1, 12);
    const auto magnitude = *rc::gen::inRange(4, 50);
    const uint64_t bytes = (uint64_t{1} << magnitude) + *rc::gen::inRange<uint64_t>(0, 16);
    shape.push_back(empty ? LevelShape{} : LevelShape{runs, bytes});
    total += shape.back().bytes;
  }
  RC_PRE(total > 0);
  const double average = *rc::gen::inRange(0, 400) / 10.0;
  const std::vector<double> bits = MonkeyBits(shape, average);
  RC_ASSERT(bits.size() == shape.size());
  RC_ASSERT(std::abs(Memory(shape, bits) - average) < 1e-6);
  RC_ASSERT(ExpectedFalsePositives(shape, bits) <=
            ExpectedFalsePositives(shape, Uniform(shape, average)) * (1 + 1e-9));
  for (size_t i = 0; i < shape.size(); ++i) {
    RC_ASSERT(bits[i] >= 0);
    for (size_t j = 0; j < shape.size(); ++j) {  // the smaller the runs, the more bits
      if (shape[i].bytes == 0 || shape[j].bytes == 0) continue;
      const double run_i = static_cast<double>(shape[i].bytes) / static_cast<double>(shape[i].runs);
      const double run_j = static_cast<double>(shape[j].bytes) / static_cast<double>(shape[j].runs);
      if (run_i < run_j) RC_ASSERT(bits[i] >= bits[j]);
    }
  }
}

}  // namespace
}  // namespace lsm
