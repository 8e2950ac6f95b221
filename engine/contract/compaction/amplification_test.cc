// Counted costs of each policy on a uniform update load against the closed forms of
// docs/policies.md: entries written for each update, runs that a lookup of an absent key has to
// ask, entries stored for each live key. Nothing is timed, so the numbers repeat exactly.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include <fmt/format.h>

#include "contract/compaction/closed_forms.h"
#include "contract/compaction/concept.h"
#include "contract/compaction/model_tree.h"
#include "testing/sim/random.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

constexpr double kKeys = 2048;
constexpr double kMemtable = 32;
constexpr double kTable = 16;
constexpr double kLevel1 = 160;  // level 3 has room for all keys
constexpr int kRuns = 4;
constexpr int kFlushes = 256;  // T^4: a whole period of every policy
constexpr size_t kLevels = 7;
constexpr double kTolerance = 0.25;
constexpr LoadModel kModel{kKeys, kMemtable, kTable, kLevel1, kRuns, 2, 4};

PickerOptions OptionsOf(CompactionPolicy policy) {
  PickerOptions options;
  options.policy = policy;
  options.l0_trigger = options.runs_per_level = options.size_ratio = kRuns;
  options.tiered_levels = 2;
  options.level1_bytes = static_cast<uint64_t>(kLevel1) * kEntryBytes;
  options.max_file_bytes = static_cast<uint64_t>(kTable) * kEntryBytes;
  return options;
}

void FlushUpdates(ModelTree* model, sim::Random* random, SequenceNumber* sequence) {
  std::map<std::string, Entry> memtable;  // the newest version of each key
  for (int i = 0; i < static_cast<int>(kMemtable); ++i) {
    const std::string key = std::to_string(100'000 + random->Below(static_cast<uint64_t>(kKeys)));
    ++*sequence;
    memtable[key] = PutEntry(key, *sequence, "");
  }
  Entries entries;
  for (auto& [key, entry] : memtable) entries.push_back(std::move(entry));
  model->Flush(std::move(entries));
}

// Over kFlushes flushes, behind as many that fill the tree.
Costs Count(const PickerOptions& options) {
  ModelTree model(options, kLevels, kCmp);
  const CompactionPicker picker(options, kCmp);
  sim::Random random(7);
  SequenceNumber sequence = 0;
  Costs costs;
  uint64_t written_before = 0;
  for (int flush = 0; flush < 2 * kFlushes; ++flush) {
    if (flush == kFlushes) written_before = model.entries_written();
    FlushUpdates(&model, &random, &sequence);
    while (const auto job = picker.Pick(model.tree(), {}, 0)) {
      EXPECT_TRUE(model.Compact(*job, {sequence}).ok());
    }
    if (flush < kFlushes) continue;
    for (const Level& level : model.tree().levels) {
      costs.read += static_cast<double>(level.runs.size()) / kFlushes;
      costs.space += static_cast<double>(level.Bytes() / kEntryBytes) / kKeys / kFlushes;
    }
  }
  costs.write =
      static_cast<double>(model.entries_written() - written_before) / (kFlushes * kMemtable);
  return costs;
}

void Compare(CompactionPolicy policy) {
  if (!CompactionPicker::Supports(policy)) GTEST_SKIP() << "the stage does not support the policy";
  const Costs counted = Count(OptionsOf(policy)), closed = CostsOf(policy, kModel);
  const auto compare = [](const char* what, double a, double b) {
    EXPECT_NEAR(a, b, kTolerance * b);
    testing::Test::RecordProperty(what, std::to_string(a) + ", closed form " + std::to_string(b));
    fmt::print("  {:5} {:6.2f}, closed form {:6.2f}\n", what, a, b);
  };
  compare("write", counted.write, closed.write);
  compare("read", counted.read, closed.read);
  compare("space", counted.space, closed.space);
}

TEST(Amplification, OfTieredCompaction) { Compare(CompactionPolicy::kTiered); }
TEST(Amplification, OfLazyLeveledCompaction) { Compare(CompactionPolicy::kLazyLeveled); }
TEST(Amplification, OfLeveledCompaction) { Compare(CompactionPolicy::kLeveled); }
TEST(Amplification, OfHybridCompaction) { Compare(CompactionPolicy::kHybrid); }

// A picker that compacts too late would make fewer writes; the comparison must notice.
TEST(Amplification, OfAnotherTriggerIsAnother) {
  PickerOptions options = OptionsOf(CompactionPolicy::kLeveled);
  const Costs right = Count(options);
  options.l0_trigger = 2 * kRuns;
  const Costs wrong = Count(options);
  EXPECT_GT(std::abs(wrong.read - right.read), kTolerance * right.read);
}

}  // namespace
}  // namespace lsm
