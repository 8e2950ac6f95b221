#include "workloads/data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace lsm::bench {
namespace {

TEST(Data, SequentialKeysAscend) {
  std::string a, b;
  SequentialKey(99, &a);
  SequentialKey(100, &b);
  EXPECT_EQ(a, "0000000000000099");
  EXPECT_LT(a, b);
}

TEST(Data, ScatteredKeysDifferAndAreInNoOrder) {
  std::set<std::string> keys;
  std::string key, before;
  int ascents = 0;
  for (uint64_t i = 0; i < 100'000; ++i) {
    ScatteredKey(i, &key);
    EXPECT_EQ(key.size(), kKeyBytes);
    keys.insert(key);
    ascents += before < key;
    before = key;
  }
  EXPECT_EQ(keys.size(), 100'000u);
  EXPECT_NEAR(ascents, 50'000, 1000);
}

TEST(Data, ValuesTellTheirStampAndHaveTheirSize) {
  for (const size_t bytes : {0, 5, 100, 5000}) {
    const Values values(bytes, 0.5);
    std::string a, again, b;
    values.Make(1, &a);
    values.Make(1, &again);
    values.Make(2, &b);
    EXPECT_EQ(a.size(), bytes);
    EXPECT_EQ(a, again);
    EXPECT_EQ(a == b, bytes == 0);
  }
}

TEST(Data, AnswersOfOtherValuesHaveOtherSums) {
  const std::string key = "0000000000000001";
  EXPECT_NE(AnswerSum(key, true, "a"), AnswerSum(key, true, "b"));
  EXPECT_NE(AnswerSum(key, true, ""), AnswerSum(key, false, ""));
  EXPECT_NE(AnswerSum(key, false, ""), AnswerSum("0000000000000002", false, ""));
  EXPECT_EQ(AnswerSum(key, false, "left over"), AnswerSum(key, false, ""));
}

}  // namespace
}  // namespace lsm::bench
