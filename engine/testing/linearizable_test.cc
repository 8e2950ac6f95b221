// The checker of histories: small ones by hand, then all kinds of small ones against every order.
#include "testing/linearizable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "testing/anomaly.h"
#include "testing/sim/random.h"

namespace lsm::lab {
namespace {

using Verdict = Linearization::Verdict;
using Pairs = std::vector<std::pair<std::string, std::optional<std::string>>>;

constexpr std::nullopt_t kAbsent = std::nullopt;

Act Write(uint64_t called, uint64_t returned, const Pairs& updates) {
  Act act;
  act.name = "write";
  act.called = called;
  act.returned = returned;
  for (const auto& [key, value] : updates) {
    act.updates.push_back({key, value});
    act.name += " " + key + "=" + value.value_or("absent");
  }
  return act;
}

Act View(uint64_t called, uint64_t returned, const Pairs& seen, const char* call = "view") {
  Act act;
  act.kind = Act::Kind::kView;
  act.name = call;
  act.called = called;
  act.returned = returned;
  for (const auto& [key, value] : seen) act.sightings.push_back({key, value, call});
  return act;
}

Act Recovery(const Pairs& seen) {
  Act act = View(0, UINT64_MAX, seen, "recovery");
  act.kind = Act::Kind::kRecovery;
  return act;
}

Act Durable(Act act) {
  act.durable = true;
  return act;
}

// A snapshot that was read by two calls.
Act Snapshot(uint64_t called, uint64_t returned, const Pairs& first, const Pairs& second) {
  Act act = View(called, returned, first, "first read");
  for (const auto& [key, value] : second) act.sightings.push_back({key, value, "second read"});
  return act;
}

Verdict Judge(const std::vector<Act>& acts, const Contents& initial = {}) {
  return Linearize(acts, initial).verdict;
}

// Does this order explain the history? Nothing of the checker is used.
bool Explains(const std::vector<size_t>& order, const std::vector<Act>& acts,
              const Contents& initial) {
  Contents now = initial;
  for (size_t i = 0; i < order.size(); ++i) {
    const Act& act = acts[order[i] - 1];
    for (size_t j = i + 1; j < order.size(); ++j) {
      const Act& later = acts[order[j] - 1];
      if (later.returned < act.called) return false;
      if (later.durable && act.kind == Act::Kind::kRecovery) return false;
    }
    for (const Update& update : act.updates) {
      if (update.value.has_value()) {
        now[update.key] = *update.value;
      } else {
        now.erase(update.key);
      }
    }
    for (const Sighting& sighting : act.sightings) {
      const auto found = now.find(sighting.key);
      if (sighting.value.has_value() != (found != now.end())) return false;
      if (sighting.value.has_value() && *sighting.value != found->second) return false;
    }
  }
  return true;
}

bool AnyOrderExplains(const std::vector<Act>& acts, const Contents& initial) {
  std::vector<size_t> order(acts.size());
  std::iota(order.begin(), order.end(), 1);
  do {
    if (Explains(order, acts, initial)) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

// --- What is allowed ---

TEST(Linearize, NothingIsExplained) { EXPECT_EQ(Judge({}), Verdict::kExplained); }

TEST(Linearize, AReadBesideAWriteSeesItOrNot) {
  for (const std::optional<std::string>& seen : {std::optional<std::string>("v"), {}}) {
    EXPECT_EQ(Judge({Write(1, 10, {{"k", "v"}}), View(2, 3, {{"k", seen}})}), Verdict::kExplained);
  }
}

TEST(Linearize, TheBeginningIsSeenUntilItIsOverwritten) {
  const Contents initial = {{"k", "old"}};
  EXPECT_EQ(Judge({View(1, 2, {{"k", "old"}})}, initial), Verdict::kExplained);
  EXPECT_EQ(Judge({View(1, 2, {{"k", kAbsent}})}, initial), Verdict::kImpossible);
  EXPECT_EQ(Judge({Write(1, 2, {{"k", "v"}}), View(3, 4, {{"k", "old"}})}, initial),
            Verdict::kImpossible);
}

TEST(Linearize, AWriteThatDidNotReturnMayBeSeenLateOrNever) {
  const Act lost = Write(1, UINT64_MAX, {{"k", "v"}});
  EXPECT_EQ(Judge({lost, View(5, 6, {{"k", kAbsent}}), View(7, 8, {{"k", "v"}})}),
            Verdict::kExplained);
  EXPECT_EQ(Judge({lost, View(5, 6, {{"k", "v"}}), View(7, 8, {{"k", kAbsent}})}),
            Verdict::kImpossible);
}

TEST(Linearize, TheLastUpdateOfAKeyInABatchCounts) {
  const Act batch = Write(1, 2, {{"k", "a"}, {"k", "b"}});
  EXPECT_EQ(Judge({batch, View(3, 4, {{"k", "b"}})}), Verdict::kExplained);
  EXPECT_EQ(Judge({batch, View(3, 4, {{"k", "a"}})}), Verdict::kImpossible);
}

// --- Anomalies, each with its property ---

Anomaly Impossible(const std::vector<Act>& acts, const Contents& initial = {}) {
  EXPECT_EQ(Judge(acts, initial), Verdict::kImpossible);
  return Explain(acts, initial);
}

TEST(Anomaly, StaleReadIsExplainedInWords) {
  const Anomaly anomaly =
      Impossible({Write(1, 2, {{"k", "a"}}), Write(3, 4, {{"other", "x"}}),
                  Write(5, 6, {{"k", "b"}}), View(7, 8, {{"k", "a"}, {"other", "x"}}, "get")});
  EXPECT_EQ(anomaly.property, Property::kP15);
  EXPECT_EQ(anomaly.seen, "get saw k = a");
  EXPECT_EQ(anomaly.why,
            "no order of these explains what was seen:\n"
            "  (1) write k=a [1, 2]\n"
            "  (2) write k=b [5, 6]\n"
            "  (3) get: k = a [7, 8]\n"
            "(1) had returned before (2) was called.\n"
            "(2) had returned before (3) was called.\n"
            "(3) saw k = a of (1), and (2) stands before (3): so (2) stands before (1). A "
            "contradiction.");
}

TEST(Anomaly, LostUpdate) {
  const Anomaly anomaly = Impossible({Write(1, 2, {{"k", "a"}}), View(3, 4, {{"k", kAbsent}})});
  EXPECT_EQ(anomaly.property, Property::kP15);
  EXPECT_EQ(anomaly.acts.size(), 2U);
}

TEST(Anomaly, ReadsThatGoBack) {
  const Anomaly anomaly = Impossible({Write(1, 2, {{"k", "a"}}), Write(3, 20, {{"k", "b"}}),
                                      View(5, 6, {{"k", "b"}}), View(7, 8, {{"k", "a"}})});
  EXPECT_EQ(anomaly.property, Property::kP15);
  EXPECT_EQ(anomaly.acts.size(), 4U);
}

TEST(Anomaly, TwoReadersThatSeeTwoWritesInTwoOrders) {
  const Anomaly anomaly = Impossible({Write(1, 20, {{"a", "1"}}), Write(2, 21, {{"b", "1"}}),
                                      View(3, 19, {{"a", "1"}, {"b", kAbsent}}),
                                      View(4, 18, {{"a", kAbsent}, {"b", "1"}})});
  EXPECT_EQ(anomaly.property, Property::kP15);
  EXPECT_EQ(anomaly.acts.size(), 4U);
}

TEST(Anomaly, TornBatch) {
  const Anomaly anomaly =
      Impossible({Write(1, 2, {{"a", "0"}}), Write(3, 20, {{"a", "1"}, {"b", "1"}}),
                  View(5, 6, {{"a", "0"}, {"b", "1"}})});
  EXPECT_EQ(anomaly.property, Property::kP3);
}

TEST(Anomaly, SnapshotThatMoves) {
  const Anomaly anomaly = Impossible({Write(1, 2, {{"k", "a"}}), Write(5, 20, {{"k", "b"}}),
                                      Snapshot(3, 10, {{"k", "a"}}, {{"k", "b"}})});
  EXPECT_EQ(anomaly.property, Property::kP11);
}

TEST(Anomaly, SnapshotThatShowsALaterWrite) {
  const Anomaly anomaly =
      Impossible({View(1, 2, {{"k", "a"}}, "snapshot"), Write(3, 4, {{"k", "a"}})});
  EXPECT_EQ(anomaly.property, Property::kP11);
}

TEST(Anomaly, ValueThatNobodyWrote) {
  const Anomaly anomaly = Impossible({Write(1, 2, {{"k", "a"}}), View(3, 4, {{"k", "x"}})});
  EXPECT_EQ(anomaly.property, Property::kP4);
  EXPECT_NE(anomaly.why.find("no act left it so"), std::string::npos) << anomaly.why;
}

TEST(Anomaly, ValueThatABatchOverwritesItself) {
  const Anomaly anomaly =
      Impossible({Write(1, 2, {{"k", "a"}, {"k", "b"}}), View(3, 4, {{"k", "a"}})});
  EXPECT_EQ(anomaly.property, Property::kP3);
  EXPECT_EQ(anomaly.acts.size(), 2U);
}

TEST(Anomaly, AbsenceThatNoDeletionExplains) {
  const Anomaly anomaly = Impossible({Write(1, 2, {{"k", kAbsent}}), Write(3, 4, {{"k", "a"}}),
                                      View(5, 6, {{"k", kAbsent}}), Write(7, 8, {{"k", kAbsent}})});
  EXPECT_EQ(anomaly.property, Property::kP15);
  EXPECT_NE(anomaly.why.find("every act that left it so"), std::string::npos) << anomaly.why;
}

// --- Recoveries ---

TEST(Anomaly, RecoveryMayLoseAnEndOfTheOrderButNotItsMiddle) {
  const Act a = Write(1, 2, {{"a", "1"}}), b = Write(3, 4, {{"b", "1"}});
  const auto seen = [](std::optional<std::string> in_a, std::optional<std::string> in_b) {
    return Recovery({{"a", in_a}, {"b", in_b}});
  };
  EXPECT_EQ(Judge({a, b, seen("1", "1")}), Verdict::kExplained);
  EXPECT_EQ(Judge({a, b, seen("1", kAbsent)}), Verdict::kExplained);
  EXPECT_EQ(Judge({a, b, seen(kAbsent, kAbsent)}), Verdict::kExplained);
  EXPECT_EQ(Impossible({a, b, seen(kAbsent, "1")}).property, Property::kP2);
  EXPECT_EQ(Impossible({a, Durable(b), seen("1", kAbsent)}).property, Property::kP1);
}

TEST(Anomaly, WhatAReaderSawOfALostWriteStillOrdersIt) {
  // b was seen while a was not: so a stands behind b, and cannot survive without it.
  const Act a = Write(1, 20, {{"a", "1"}}), b = Write(2, 21, {{"b", "1"}});
  const Act view = View(3, 10, {{"a", kAbsent}, {"b", "1"}});
  EXPECT_EQ(Judge({a, b, view, Recovery({{"a", kAbsent}, {"b", "1"}})}), Verdict::kExplained);
  EXPECT_EQ(Impossible({a, b, view, Recovery({{"a", "1"}, {"b", kAbsent}})}).property,
            Property::kP2);
}

// --- Against every order ---

// Histories of up to six acts on two keys, with values that repeat and values that do not.
std::vector<Act> RandomHistory(sim::Random* random) {
  std::vector<Act> acts;
  const size_t count = 2 + random->Below(5);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t called = 1 + random->Below(12);
    const uint64_t returned = random->Below(8) == 0 ? UINT64_MAX : called + 1 + random->Below(6);
    Pairs pairs;
    const uint64_t keys = 1 + random->Below(3);  // a bit for each
    for (const char* key : {"a", "b"}) {
      if ((keys >> (key[0] - 'a') & 1) == 0) continue;
      const uint64_t draw = random->Below(6);
      pairs.emplace_back(key, draw == 0 ? Pairs::value_type::second_type()
                                        : "v" + std::to_string(random->Below(draw) % 3));
    }
    const uint64_t kind = random->Below(8);
    acts.push_back(kind < 4   ? Write(called, returned, pairs)
                   : kind < 7 ? View(called, returned, pairs)
                              : Recovery(pairs));
    acts.back().durable = kind == 0;
  }
  return acts;
}

TEST(Linearize, AgreesWithATrialOfAllOrders) {
  sim::Random random(1);
  uint64_t explained = 0, impossible = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::vector<Act> acts = RandomHistory(&random);
    const Contents initial = random.Below(2) == 0 ? Contents() : Contents{{"a", "v0"}};
    const Linearization result = Linearize(acts, initial);
    if (AnyOrderExplains(acts, initial)) {
      ++explained;
      ASSERT_EQ(result.verdict, Verdict::kExplained) << "history " << i;
      ASSERT_EQ(result.order.size(), acts.size());
      EXPECT_TRUE(Explains(result.order, acts, initial)) << "history " << i;
    } else {
      ++impossible;
      ASSERT_EQ(result.verdict, Verdict::kImpossible) << "history " << i;
      const Anomaly anomaly = Explain(acts, initial);
      EXPECT_FALSE(AnyOrderExplains(anomaly.acts, initial)) << anomaly.why;
    }
  }
  EXPECT_GT(explained, 500U);
  EXPECT_GT(impossible, 500U);
}

}  // namespace
}  // namespace lsm::lab
