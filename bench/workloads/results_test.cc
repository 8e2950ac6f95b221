#include "workloads/results.h"

#include <gtest/gtest.h>

#include "workloads/compare.h"

namespace lsm::bench {
namespace {

Measurement Measured(const std::string& engine, uint64_t round, double rate,
                     const std::string& answers = "") {
  Measurement m;
  m.engine = engine;
  m.workload = "readrandom";
  m.round = round;
  m.rate = m.drained_rate = rate;
  m.answers = answers;
  m.comparable = !answers.empty();
  return m;
}

Summary Summed(const std::vector<double>& rates) {
  std::vector<Measurement> rounds;
  for (const double rate : rates) rounds.push_back(Measured("lsmlab", rounds.size(), rate));
  return Summarise(rounds).at(0);
}

TEST(Results, MedianAndSpread) {
  EXPECT_EQ(SpreadOf({}).median, 0);
  EXPECT_EQ(SpreadOf({3, 1, 2}).median, 2);
  EXPECT_EQ(SpreadOf({4, 1, 2, 3}).median, 2.5);
  EXPECT_EQ(SpreadOf({3, 1, 2}).max, 3);
}

TEST(Results, RatiosAreRoundByRound) {
  const auto ratios =
      Ratios({Measured("lsmlab", 0, 100), Measured("leveldb", 0, 50), Measured("lsmlab", 1, 10),
              Measured("leveldb", 1, 10), Measured("lsmlab", 2, 300), Measured("leveldb", 2, 100)});
  ASSERT_EQ(ratios.size(), 1u);
  EXPECT_EQ(ratios[0].to, "leveldb");
  EXPECT_EQ(ratios[0].rate.median, 2);
  EXPECT_EQ(ratios[0].rate.min, 1);
  EXPECT_EQ(ratios[0].rate.max, 3);
}

TEST(Results, AnEngineThatAnswersOtherwiseIsNamed) {
  EXPECT_TRUE(Disagreements({Measured("lsmlab", 0, 1, "a"), Measured("leveldb", 0, 1, "a"),
                             Measured("rocksdb", 0, 1)})
                  .empty());
  const auto lines = Disagreements({Measured("lsmlab", 0, 1, "a"), Measured("leveldb", 0, 1, "b")});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("leveldb"), std::string::npos);
}

TEST(Compare, ADifferenceWithinTheSpreadIsNoise) {
  const Change c = ChangeOf(Summed({100, 110, 90}), Summed({85, 95, 80}));
  EXPECT_FALSE(c.slower || c.faster) << c.bound;
}

TEST(Compare, ADifferenceBeyondTheSpreadCounts) {
  EXPECT_TRUE(ChangeOf(Summed({100, 101, 99}), Summed({90, 91, 89})).slower);
  EXPECT_TRUE(ChangeOf(Summed({100, 101, 99}), Summed({110, 111, 109})).faster);
  EXPECT_FALSE(ChangeOf(Summed({100, 100, 100}), Summed({97, 97, 97})).slower);  // below 5 %
}

TEST(Compare, FewRoundsProveLittle) {
  EXPECT_FALSE(ChangeOf(Summed({100}), Summed({85})).slower);
  EXPECT_TRUE(ChangeOf(Summed({100}), Summed({70})).slower);
}

TEST(Compare, OtherSetupsAreRefused) {
  nlohmann::json a = {{"setup", {{"value_bytes", 100}, {"rounds", 3}}},
                      {"summaries", {Summed({1})}}};
  nlohmann::json b = a;
  b["setup"]["rounds"] = 5;
  EXPECT_TRUE(Compare(a, b).ok());
  b["setup"]["value_bytes"] = 10;
  EXPECT_EQ(Compare(a, b).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace lsm::bench
