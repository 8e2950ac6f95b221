// Counted costs of each policy on a uniform update load against the closed forms of
// docs/policies.md: entries written for each update, runs that a lookup of an absent key has to
// ask, entries stored for each live key. Nothing is timed, so the numbers repeat exactly.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include <fmt/format.h>

#include "contract/compaction/concept.h"
#include "contract/compaction/model_tree.h"
#include "testing/sim/random.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

constexpr double kKeys = 2048;    // N
constexpr double kMemtable = 32;  // M: updates in a memtable
constexpr double kTable = 16;     // entries in an output
constexpr double kLevel1 = 160;   // target of level 1: level 3 has room for all keys
constexpr int kRuns = 4;          // T: runs that make a tiered level due, and the size ratio
constexpr int kFlushes = 256;     // T^4: a whole period of every policy
constexpr size_t kLevels = 7;
constexpr double kTolerance = 0.25;

struct Costs {
  double write = 0, read = 0, space = 0;
};

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

// Different keys among so many updates.
double Distinct(double updates) { return kKeys * (1 - std::exp(-updates / kKeys)); }

Costs operator+(const Costs& a, const Costs& b) {
  return {a.write + b.write, a.read + b.read, a.space + b.space};
}

// Level i of tiering: each of its runs holds the updates of T^i memtables, and there are 0 to T - 1
// runs, all equally often.
Costs TieredLevel(int i) {
  const double updates = kMemtable * std::pow(kRuns, i);
  const double runs = (kRuns - 1) / 2.0;
  return {Distinct(updates) / updates, runs, runs * Distinct(updates) / kKeys};
}
Costs TieredLevels(int levels) {
  Costs costs;
  for (int i = 0; i < levels; ++i) costs = costs + TieredLevel(i);
  return costs;
}

// A level of one run of `size` entries. `flow` entries come for each update, in batches of `batch`
// that meet `met` entries and are merged with them; less leaves it, as old versions go.
Costs RunLevel(double size, double batch, double met, double* flow) {
  const double in_it_already = batch * size / kKeys;
  const Costs costs{*flow * (batch + met - in_it_already) / batch, 1, size / kKeys};
  *flow *= 1 - size / kKeys;
  return costs;
}

// A level below another of one run: tables come singly. The next in the round is where entries have
// gathered longest, twice as dense as the average of the level above; so it meets half of the ratio
// of the sizes, in tables, and at its ends one more.
Costs LevelBelow(double size, double above, double* flow) {
  return RunLevel(size, kTable, kTable * (size / (2 * above) + 1), flow);
}

void Compare(CompactionPolicy policy, const Costs& closed) {
  if (!CompactionPicker::Supports(policy)) GTEST_SKIP() << "the stage does not support the policy";
  const Costs counted = Count(OptionsOf(policy));
  const auto compare = [](const char* what, double a, double b) {
    EXPECT_NEAR(a, b, kTolerance * b);
    testing::Test::RecordProperty(what, std::to_string(a) + ", closed form " + std::to_string(b));
    fmt::print("  {:5} {:6.2f}, closed form {:6.2f}\n", what, a, b);
  };
  compare("write", counted.write, closed.write);
  compare("read", counted.read, closed.read);
  compare("space", counted.space, closed.space);
}

TEST(Amplification, OfTieredCompaction) {
  const double last = kMemtable * std::pow(kRuns, 4);  // its one run in the measured period
  Compare(CompactionPolicy::kTiered,
          TieredLevels(4) + Costs{Distinct(last) / last, 1, Distinct(last) / kKeys});
}

TEST(Amplification, OfLazyLeveledCompaction) {
  const double between_merges = kMemtable * std::pow(kRuns, 3);
  Compare(CompactionPolicy::kLazyLeveled, TieredLevels(3) + Costs{kKeys / between_merges, 1, 1});
}

TEST(Amplification, OfLeveledCompaction) {
  const double batch = Distinct(kMemtable * kRuns);
  double flow = batch / (kMemtable * kRuns);
  Costs closed = TieredLevels(1);
  closed = closed + RunLevel(kLevel1, batch, kLevel1, &flow);
  const double overfull = kLevel1 + batch / 2;  // while it gives tables to level 2
  closed = closed + LevelBelow(kLevel1 * kRuns, overfull, &flow);
  closed = closed + LevelBelow(kKeys, kLevel1 * kRuns, &flow);
  Compare(CompactionPolicy::kLeveled, closed);
}

TEST(Amplification, OfHybridCompaction) {
  const double updates = kMemtable * kRuns * kRuns;
  const double batch = Distinct(updates);
  const double level2 = kLevel1 * kRuns;
  double flow = batch / updates;
  Costs closed = TieredLevels(2);
  closed = closed + RunLevel(level2, batch, level2, &flow);
  closed = closed + LevelBelow(kKeys, level2 + batch / 2, &flow);
  Compare(CompactionPolicy::kHybrid, closed);
}

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
