// Compaction policies in a whole database: data survives every switch from one to another, each
// keeps the shape that it promises, and knobs that contradict one another are refused by name.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "db/stages.h"
#include "db/test_dir.h"
#include "lsm/db.h"
#include "lsm/statistics.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

using Policy = CompactionPolicy;

// Small enough that a few hundred updates reach the last of four levels.
Options SmallTree(Policy policy) {
  Options options;
  options.create_if_missing = true;
  options.policy = policy;
  options.memtable_bytes = 1024;
  options.max_file_bytes = 1024;
  options.block_bytes = 256;
  options.level1_bytes = 2048;
  options.size_ratio = 2;
  options.num_levels = 4;
  options.l0_compaction_trigger = options.runs_per_level = 2;
  return options;
}

std::unique_ptr<DB> MustOpen(const Options& options, const std::string& path) {
  auto db = DB::Open(options, path);
  LSM_CHECK(db.ok());
  return std::move(*db);
}

using Model = std::map<std::string, std::string>;

void Update(DB* db, Model* model, int begin, int end) {
  for (int i = begin; i < end; ++i) {
    const std::string key = fmt::format("key{:03}", i * 37 % 101);
    const std::string value = fmt::format("value {} {:060}", i, i);
    const bool removes = i % 5 == 0;
    ASSERT_TRUE((removes ? db->Delete({}, key) : db->Put({}, key, value)).ok());
    if (removes) {
      model->erase(key);
    } else {
      (*model)[key] = value;
    }
  }
}

void ExpectIs(DB* db, const Model& model) {
  Model seen;
  const auto it = db->NewIterator({});
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    seen.emplace(std::string(it->key()), std::string(it->value()));
  }
  ASSERT_TRUE(it->status().ok());
  EXPECT_EQ(seen, model);
  for (int i = 0; i < 101; ++i) {
    const std::string key = fmt::format("key{:03}", i);
    std::string value;
    const Status s = db->Get({}, key, &value);
    ASSERT_EQ(s.ok(), model.count(key) > 0) << key << " " << s.ToString();
    if (s.ok()) {
      EXPECT_EQ(value, model.at(key));
    }
  }
  std::vector<std::string> findings;
  ASSERT_TRUE(db->CheckIntegrity(&findings).ok());
  EXPECT_EQ(findings, std::vector<std::string>());
}

// With all background work done.
void ExpectShape(Policy policy, const Options& options, const Statistics& s) {
  const auto& levels = s.level;
  size_t deepest = 0;
  for (size_t i = 0; i < levels.size(); ++i) deepest = levels[i].runs > 0 ? i : deepest;
  const auto runs_max = static_cast<uint64_t>(options.runs_per_level) - 1;
  for (size_t i = 1; i < levels.size(); ++i) {
    const bool one_run =
        policy == Policy::kLeveled || (policy == Policy::kLazyLeveled && i == deepest) ||
        (policy == Policy::kHybrid && i >= static_cast<size_t>(options.tiered_levels));
    EXPECT_LE(levels[i].runs, one_run ? 1u : runs_max) << "level " << i;
  }
}

constexpr Policy kPolicies[] = {Policy::kLeveled, Policy::kTiered, Policy::kLazyLeveled,
                                Policy::kHybrid};

class PolicySwitch : public testing::TestWithParam<std::tuple<Policy, Policy>> {};

TEST_P(PolicySwitch, KeepsDataAndReachesTheShapeBothWays) {
  const auto [from, to] = GetParam();
  if (!CompactionPicker::Supports(from) || !CompactionPicker::Supports(to)) {
    GTEST_SKIP() << "the stage does not support one of the two policies";
  }
  const TestDir dir;
  Model model;
  int updates = 0;
  for (const Policy policy : {from, to, from}) {
    Options options = SmallTree(policy);
    if (policy == to) options.runs_per_level = 3;
    const auto db = MustOpen(options, dir.path());
    ExpectIs(db.get(), model);
    Update(db.get(), &model, updates, updates + 250);
    updates += 250;
    ASSERT_TRUE(db->WaitForBackgroundWork().ok());
    ExpectShape(policy, options, db->GetStatistics());
    ExpectIs(db.get(), model);
    ASSERT_TRUE(db->Close().ok());
  }
}

std::string NameOf(Policy policy) {
  constexpr const char* kNames[] = {"leveled", "tiered", "lazy_leveled", "hybrid", "fifo"};
  return kNames[static_cast<size_t>(policy)];
}

INSTANTIATE_TEST_SUITE_P(Pairs, PolicySwitch,
                         testing::Combine(testing::ValuesIn(kPolicies),
                                          testing::ValuesIn(kPolicies)),
                         [](const auto& of) {
                           return NameOf(std::get<0>(of.param)) + "_and_" +
                                  NameOf(std::get<1>(of.param));
                         });

// Also while background work moves tables further down (the schedule is the seed's).
TEST(Policy, ACompactionByHandLeavesOneRun) {
  for (const Policy policy : kPolicies) {
    if (!CompactionPicker::Supports(policy)) continue;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      SCOPED_TRACE(fmt::format("{}, seed {}", NameOf(policy), seed));
      sim::SimOptions world;
      world.seed = seed;
      sim::SimEnv env(world);
      Options options = SmallTree(policy);
      options.env = &env;
      Model model;
      const auto db = MustOpen(options, "/db");
      Update(db.get(), &model, 0, 400);
      for (int i = 0; i < 101; ++i) ASSERT_TRUE(db->Delete({}, fmt::format("key{:03}", i)).ok());
      ASSERT_TRUE(db->CompactRange({}, {}, {}).ok());
      ASSERT_TRUE(db->WaitForBackgroundWork().ok());
      ExpectIs(db.get(), {});
      // No tombstone is left either: nothing is.
      for (const LevelStatistics& level : db->GetStatistics().level) EXPECT_EQ(level.files, 0u);
      ASSERT_TRUE(db->Close().ok());
    }
  }
}

std::string Refusal(const Options& options) {
  const TestDir dir;
  const auto db = DB::Open(options, dir.path());
  return db.ok() ? "opened" : db.status().ToString();
}

TEST(Policy, KnobsThatContradictAreRefusedByName) {
  Options options = SmallTree(Policy::kTiered);
  options.size_ratio = 1;
  EXPECT_EQ(Refusal(options), "Invalid argument: option size_ratio = 1 is outside [2, 100]");
  options = SmallTree(Policy::kTiered);
  options.runs_per_level = 0;
  EXPECT_EQ(Refusal(options), "Invalid argument: option runs_per_level = 0 is outside [2, 100]");
  options = SmallTree(Policy::kHybrid);
  options.tiered_levels = 5;
  EXPECT_EQ(Refusal(options), "Invalid argument: option tiered_levels = 5 is above num_levels = 4");
  options = SmallTree(Policy::kLazyLeveled);
  options.l0_slowdown_trigger = 1;
  EXPECT_EQ(Refusal(options),
            "Invalid argument: options l0_compaction_trigger = 2 <= l0_slowdown_trigger = 1 <= "
            "l0_stop_trigger = 12 do not ascend");
}

TEST(Policy, OneThatTheStageDoesNotHaveIsNotSupported) {
  for (const Policy policy :
       {Policy::kLeveled, Policy::kTiered, Policy::kLazyLeveled, Policy::kHybrid, Policy::kFifo}) {
    if (CompactionPicker::Supports(policy)) continue;
    EXPECT_NE(Refusal(SmallTree(policy)).find("option policy = " + NameOf(policy)),
              std::string::npos);
  }
}

}  // namespace
}  // namespace lsm
