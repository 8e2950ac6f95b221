// Which tables go, drawn. The tree is as in the picker's tests: "L1: 7[a..c]" is table 7 with keys
// from a to c in level 1; level 0 from new to old.
#include "db/removable_tables.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>

#include "contract/compaction/tree_text.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

std::string Removable(const std::string& tree, std::string_view begin, std::string_view end,
                      const BusyFiles& busy = {}) {
  std::vector<uint64_t> numbers;
  for (const auto& [level, file] : RemovableTables(TreeFromText(tree), kCmp, begin, end, busy)) {
    numbers.push_back(file->number);
  }
  std::sort(numbers.begin(), numbers.end());
  std::string text;
  for (const uint64_t number : numbers) text += (text.empty() ? "" : " ") + std::to_string(number);
  return text;
}

TEST(RemovableTables, are_those_wholly_within_the_range_ends_included) {
  const std::string tree = "L1: 1[a..c] 2[d..f] 3[g..i]";
  EXPECT_EQ(Removable(tree, "d", "f"), "2");
  EXPECT_EQ(Removable(tree, "d", "e"), "");
  EXPECT_EQ(Removable(tree, "e", "f"), "");
  EXPECT_EQ(Removable(tree, "c", "h"), "2");
  EXPECT_EQ(Removable(tree, "d", {}), "2 3");
  EXPECT_EQ(Removable(tree, {}, "f"), "1 2");
  EXPECT_EQ(Removable(tree, {}, {}), "1 2 3");
}

TEST(RemovableTables, a_table_stays_above_an_older_one_that_stays) {
  // 2 reaches behind the range and may hold older versions of what 1 holds, or what its tombstones
  // hide.
  EXPECT_EQ(Removable("L1: 1[b..c]\nL2: 2[a..d]", "b", "c"), "");
  EXPECT_EQ(Removable("L1: 1[b..c]\nL3: 2[c..d]", "b", "c"), "");
  EXPECT_EQ(Removable("L1: 1[b..c]\nL2: 2[d..e]", "b", "c"), "1");
}

TEST(RemovableTables, all_of_a_stack_go_if_the_lowest_does) {
  EXPECT_EQ(Removable("L0: 4[b..c] 3[b..b]\nL1: 2[b..c]\nL2: 1[b..d]", "b", "d"), "1 2 3 4");
  EXPECT_EQ(Removable("L0: 4[b..c] 3[b..b]\nL1: 2[b..c]\nL2: 1[b..d]", "b", "c"), "");
}

TEST(RemovableTables, older_data_goes_from_under_newer_data_that_stays) {
  EXPECT_EQ(Removable("L0: 3[a..z]\nL1: 2[b..c]\nL2: 1[b..d]", "b", "d"), "1 2");
}

TEST(RemovableTables, in_level_0_only_older_runs_count) {
  EXPECT_EQ(Removable("L0: 3[b..c] 2[a..b]", "b", "c"), "");
  EXPECT_EQ(Removable("L0: 3[a..b] 2[b..c]", "b", "c"), "2");
}

TEST(RemovableTables, a_busy_table_stays_and_what_lies_above_it_too) {
  EXPECT_EQ(Removable("L0: 3[b..c]\nL1: 2[b..c] 4[e..f]\nL2: 1[b..c]", "b", "f", {2}), "1 4");
}

// A key shows the version of the newest table over it. Each table holds a version of each key that
// it covers: the worst case for what may come to light.
RC_GTEST_PROP(RemovableTables, every_key_shows_what_it_showed_or_nothing, ()) {
  Tree tree(3);
  uint64_t number = 1;
  const auto table = [&](char a, char b) {
    FileMeta meta;
    meta.number = number++;
    meta.smallest = MakeInternalKey(std::string(1, std::min(a, b)), 5, ValueType::kValue);
    meta.largest = MakeInternalKey(std::string(1, std::max(a, b)), 1, ValueType::kValue);
    return std::make_shared<const FileMeta>(meta);
  };
  const auto key = [] { return static_cast<char>('a' + *rc::gen::inRange(0, 12)); };
  for (Level& level : tree.levels) {
    const int runs = *rc::gen::inRange(0, 3);
    for (int r = 0; r < runs; ++r) {
      SortedRun run;
      for (char from = 'a'; from <= 'l';) {
        const auto to = static_cast<char>(from + *rc::gen::inRange(0, 5));
        if (*rc::gen::inRange(0, 3) > 0 && to <= 'l') run.push_back(table(from, to));
        from = static_cast<char>(to + 1);
      }
      if (!run.empty()) level.runs.push_back(std::move(run));
    }
  }
  const std::string begin(1, key()), end(1, key());
  BusyFiles busy;
  if (*rc::gen::arbitrary<bool>()) busy.insert(*rc::gen::inRange<uint64_t>(1, number + 1));
  std::set<uint64_t> gone;
  for (const auto& [level, file] : RemovableTables(tree, kCmp, begin, end, busy)) {
    RC_ASSERT(gone.insert(file->number).second && busy.count(file->number) == 0);
  }
  for (char k = 'a'; k <= 'l'; ++k) {
    const std::string user_key(1, k);
    std::vector<uint64_t> newest_first;
    for (const Level& level : tree.levels) {
      for (const SortedRun& run : level.runs) {
        for (const FileRef& file : OverlappingFiles(run, kCmp, user_key, user_key)) {
          newest_first.push_back(file->number);
        }
      }
    }
    if (newest_first.empty()) continue;
    const bool newest_gone = gone.count(newest_first[0]) > 0;
    if (newest_gone) RC_ASSERT(user_key >= begin && user_key <= end);
    for (const uint64_t older : newest_first) RC_ASSERT(!newest_gone || gone.count(older) > 0);
  }
}

}  // namespace
}  // namespace lsm
