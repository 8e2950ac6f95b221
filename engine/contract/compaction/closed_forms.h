// What a policy costs by calculation: docs/policies.md has the formulas in words. Counts of them:
// amplification_test.cc on the picker and the merge loop alone, and the benchmark suite
// `amplification` on the whole engine.
//
// The load: random updates of `keys` keys, each memtable flushed with `memtable` of them and the
// tree then brought into shape. Sizes are in entries. Pure functions.
#pragma once

#include <algorithm>
#include <cmath>

#include "lsm/options.h"

namespace lsm {

struct Costs {
  double write = 0;  // entries written for each update
  double read = 0;   // runs asked by the lookup of an absent key
  double space = 0;  // entries stored for each live key
};
inline Costs operator+(const Costs& a, const Costs& b) {
  return {a.write + b.write, a.read + b.read, a.space + b.space};
}

struct LoadModel {
  double keys = 0;      // N
  double memtable = 0;  // M: updates in a memtable
  double table = 0;     // entries in an output
  double level1 = 0;    // target of level 1
  double ratio = 4;     // T: runs that make a tiered level due, and the size ratio
  int tiered_levels = 2;
  int periods = 4;      // tiered: memtables come in T^periods, behind as many that filled the tree
  bool loaded = false;  // every key was written before what is counted
  // A skew: such a part of the keys takes that of the updates.
  double hot_keys = 0, hot_updates = 0;

  // Different keys among so many updates: of two classes of keys, uniform in each.
  double Distinct(double updates) const {
    const auto of = [](double n, double u) { return n == 0 ? 0 : n * (1 - std::exp(-u / n)); };
    return of(keys * hot_keys, updates * hot_updates) +
           of(keys * (1 - hot_keys), updates * (1 - hot_updates));
  }
};

// Level i of tiering: each of its runs holds the updates of T^i memtables, and there are 0 to T - 1
// runs, all equally often.
inline Costs TieredLevel(const LoadModel& m, int i) {
  const double updates = m.memtable * std::pow(m.ratio, i);
  const double runs = (m.ratio - 1) / 2;
  return {m.Distinct(updates) / updates, runs, runs * m.Distinct(updates) / m.keys};
}
inline Costs TieredLevels(const LoadModel& m, int levels) {
  Costs costs;
  for (int i = 0; i < levels; ++i) costs = costs + TieredLevel(m, i);
  return costs;
}

// A level of one run of `size` entries. `flow` entries come for each update, in batches of `batch`
// that meet `met` entries and are merged with them; less leaves it, as old versions go.
inline Costs RunLevel(const LoadModel& m, double size, double batch, double met, double* flow) {
  const double in_it_already = batch * size / m.keys;
  const Costs costs{*flow * (batch + met - in_it_already) / batch, 1, size / m.keys};
  *flow *= 1 - size / m.keys;
  return costs;
}

// A level below another of one run: tables come singly. The next in the round is where entries have
// gathered longest, twice as dense as the average of the level above; so it meets half of the ratio
// of the sizes, in tables, and at its ends one more.
inline Costs LevelBelow(const LoadModel& m, double size, double above, double* flow) {
  return RunLevel(m, size, m.table, m.table * (size / (2 * above) + 1), flow);
}

// The levels of one run from `first` down to the one that has room for all keys, which come from
// `first` tiered levels in batches of T^first memtables.
inline Costs RunLevels(const LoadModel& m, int first) {
  const double updates = m.memtable * std::pow(m.ratio, first);
  const double batch = m.Distinct(updates);
  double flow = batch / updates;
  double size = std::min(m.keys, m.level1 * std::pow(m.ratio, first - 1));
  Costs costs = RunLevel(m, size, batch, size, &flow);
  double above = size + batch / 2;  // while it gives tables to the next
  while (size < m.keys) {
    size = std::min(m.keys, size * m.ratio);
    costs = costs + LevelBelow(m, size, above, &flow);
    above = size;
  }
  return costs;
}

inline Costs LeveledCosts(const LoadModel& m) { return TieredLevels(m, 1) + RunLevels(m, 1); }
inline Costs HybridCosts(const LoadModel& m) {
  return TieredLevels(m, m.tiered_levels) + RunLevels(m, m.tiered_levels);
}

// The run that the first T^periods memtables became stays, while as many again come above it.
inline Costs TieredCosts(const LoadModel& m) {
  const double last = m.memtable * std::pow(m.ratio, m.periods);
  const double held = m.loaded ? 1 : m.Distinct(last) / m.keys;
  return TieredLevels(m, m.periods) + Costs{m.Distinct(last) / last, 1, held};
}

// The last level is the first with room for all keys: one run, rewritten with each batch.
inline Costs LazyLeveledCosts(const LoadModel& m) {
  int last = 1;
  while (m.level1 * std::pow(m.ratio, last - 1) < m.keys) ++last;
  const double between_merges = m.memtable * std::pow(m.ratio, last);
  return TieredLevels(m, last) + Costs{m.keys / between_merges, 1, 1};
}

// kFifo has none: nothing is merged.
inline Costs CostsOf(CompactionPolicy policy, const LoadModel& m) {
  switch (policy) {
    case CompactionPolicy::kTiered:
      return TieredCosts(m);
    case CompactionPolicy::kLazyLeveled:
      return LazyLeveledCosts(m);
    case CompactionPolicy::kHybrid:
      return HybridCosts(m);
    default:
      return LeveledCosts(m);
  }
}

}  // namespace lsm
