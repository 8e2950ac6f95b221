// Counted amplification of the whole engine beside the closed forms, over policies, size ratios,
// memtables, filters and loads.
//
// A point writes `memtable` updates, flushes, waits until no compaction is due, and so on:
// T^periods times to fill the tree, and as often to count. All of it in the simulated machine, with
// files in memory: the numbers are the same everywhere. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm::bench {

enum class UpdateLoad : uint8_t {
  kUniform,  // puts of all keys alike
  kSkewed,   // a fifth of the keys takes four fifths of the puts
  kDeletes,  // uniform; each tenth update is a delete
};

struct SweepPoint {
  CompactionPolicy policy = CompactionPolicy::kLeveled;
  int ratio = 4;           // T, of levels and of runs
  uint64_t memtable = 64;  // M, updates
  double bits = 10;        // a key
  FilterAllocation allocation = FilterAllocation::kUniform;
  UpdateLoad load = UpdateLoad::kUniform;
  uint64_t keys = 4096;  // N
};

struct Figure {
  double counted = 0, closed = 0;
  double Deviation() const { return closed == 0 ? 0 : counted / closed - 1; }
};

struct Amplification {
  // Keys and values written to tables for each byte of an update; the same into each level.
  Figure write;
  std::vector<double> write_per_level;
  Figure runs;      // sorted runs, asked by a lookup or a scan
  Figure searched;  // tables that the lookup of an absent key searches, as its filter says maybe
  Figure space;     // bytes of tables for each byte of a live key and value, as packed
  // Counted alone: blocks read, with no cache.
  double blocks_absent = 0, blocks_present = 0, blocks_scan10 = 0;
};

struct NamedFigure {
  std::string_view name;
  Figure figure;
};
std::vector<NamedFigure> Figures(const Amplification& a);

Result<Amplification> CountPoint(const SweepPoint& point);

// Deviations above this are marked, and explained where they are understood.
inline constexpr double kMarkedDeviation = 0.25;
// Why a figure is off at this point; empty: it should not be.
std::string Explanation(const SweepPoint& point, std::string_view figure);

std::vector<SweepPoint> QuickSweep();  // all policies, one of each other thing
std::vector<SweepPoint> FullSweep();

std::string PolicyName(CompactionPolicy policy);
std::string LoadName(UpdateLoad load);

}  // namespace lsm::bench
