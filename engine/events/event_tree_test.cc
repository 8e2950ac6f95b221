#include "events/event_tree.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lsm {
namespace {

event::VersionInstalled Edit(std::vector<event::Table> added, std::vector<uint64_t> removed = {}) {
  return {1, 0, 0, std::move(added), std::move(removed)};
}

TEST(EventTree, ShowsLevelsRunsAndRanges) {
  EventTree tree;
  EXPECT_EQ(tree.ToString(), "empty");
  tree.Apply(Edit({{9, 0, 9, 10, "b", "z"}, {12, 0, 12, 10, "a", "k"}}));
  tree.Apply(Edit({{5, 2, 5, 10, "a", "d"}, {8, 2, 7, 10, "m", "p"}, {7, 2, 7, 10, "a", "c"}}));
  EXPECT_EQ(tree.ToString(), "L0: 12[a..k] 9[b..z]  L2: 7[a..c] 8[m..p] | 5[a..d]");
}

TEST(EventTree, AnEditRemovesFirst) {
  EventTree tree;
  tree.Apply(Edit({{9, 0, 9, 10, "b", "z"}}));
  tree.Apply(Edit({{9, 1, 0, 10, "b", "z"}}, {9}));  // a move
  EXPECT_EQ(tree.ToString(), "L1: 9[b..z]");
}

TEST(EventTree, ARecoveryBeginsAnew) {
  EventTree tree;
  tree.Apply(Edit({{9, 0, 9, 10, "b", "z"}}));
  tree.Apply(event::RecoveryStep{"log", 3, 0, 0});
  EXPECT_EQ(tree.ToString(), "L0: 9[b..z]");
  tree.Apply(event::RecoveryStep{"manifest", 3, 0, 0});
  EXPECT_EQ(tree.ToString(), "empty");
}

TEST(EventTree, EveryChangeCanBeTakenBack) {
  EventTree tree;
  std::vector<std::string> seen;
  std::vector<EventTree::Change> changes;
  const std::vector<Event> events = {
      Edit({{9, 0, 9, 10, "b", "z"}, {12, 0, 12, 10, "a", "k"}}),
      event::Resumed{},
      Edit({{13, 1, 0, 20, "a", "z"}}, {9, 12, 99}),  // 99 never was there
      Edit({{13, 2, 0, 20, "a", "z"}}),               // twice the same, without a removal
      event::RecoveryStep{"manifest", 3, 0, 0},
      Edit({{13, 2, 0, 20, "a", "z"}})};
  for (const Event& event : events) {
    seen.push_back(tree.ToString());
    changes.push_back(tree.Apply(event));
  }
  EXPECT_EQ(tree.ToString(), "L2: 13[a..z]");
  EXPECT_TRUE(changes[1].empty());
  for (; !changes.empty(); changes.pop_back(), seen.pop_back()) {
    tree.Revert(changes.back());
    EXPECT_EQ(tree.ToString(), seen.back());
  }
}

TEST(EventTree, LongKeysAreCut) {
  EventTree tree;
  tree.Apply(Edit({{1, 0, 1, 10, std::string(40, 'a'), ""}}));
  EXPECT_EQ(tree.ToString(), "L0: 1[aaaaaaaaaaaaaaa~..\"\"]");
}

}  // namespace
}  // namespace lsm
