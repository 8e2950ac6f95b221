#include "db/filter_allocation.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/check.h"

namespace lsm {
namespace {

// ln(1 / rate) of a filter with one bit a key and the best number of probes.
const double kLn2Squared = std::log(2.0) * std::log(2.0);

double Entries(const LevelShape& level) { return static_cast<double>(level.bytes); }

// Of the average run.
double LogRunEntries(const LevelShape& level) {
  return std::log(Entries(level) / static_cast<double>(std::max<uint64_t>(level.runs, 1)));
}

}  // namespace

TreeShape ShapeOf(const Tree& tree) {
  TreeShape shape;
  for (const Level& level : tree.levels) shape.push_back({level.runs.size(), level.Bytes()});
  return shape;
}

TreeShape ShapeAfter(const Tree& tree, const CompactionJob& job) {
  std::set<uint64_t> inputs;
  uint64_t bytes = 0;
  for (const FileRef& file : AllInputs(job)) {
    inputs.insert(file->number);
    bytes += file->bytes;
  }
  TreeShape shape(tree.levels.size());
  bool joined = false;  // the outputs join a run of which something is left
  for (size_t level = 0; level < tree.levels.size(); ++level) {
    for (const SortedRun& run : tree.levels[level].runs) {
      uint64_t left = 0;
      for (const FileRef& file : run) left += inputs.count(file->number) == 0 ? file->bytes : 0;
      if (left == 0) continue;
      shape[level].bytes += left;
      ++shape[level].runs;
      if (static_cast<int>(level) == job.output_level && RunNumber(run) == job.output_run) {
        joined = true;
      }
    }
  }
  LevelShape& output = shape[static_cast<size_t>(job.output_level)];
  output.bytes += bytes;
  if (!joined) ++output.runs;
  return shape;
}

// To be minimal: sum of rate(run), with sum of entries(run) * ln(1 / rate(run)) = memory * ln(2)^2.
// Lagrange: rate(run) = lambda * entries(run). Inserted in the second, that gives lambda. A rate
// above 1 means that the run is better left without a filter: its level, the one with the largest
// runs, goes, and lambda is found anew for the others.
std::vector<double> MonkeyBits(std::span<const LevelShape> levels, double bits_per_key) {
  std::vector<double> bits(levels.size(), bits_per_key);
  if (bits_per_key <= 0) return bits;
  std::vector<size_t> with_filter;  // by size of their runs, ascending
  double memory = 0;
  for (size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].bytes == 0) continue;
    with_filter.push_back(i);
    memory += Entries(levels[i]) * bits_per_key;
  }
  std::stable_sort(with_filter.begin(), with_filter.end(), [&](size_t a, size_t b) {
    return LogRunEntries(levels[a]) < LogRunEntries(levels[b]);
  });
  while (!with_filter.empty()) {
    double entries = 0, weighted = 0;
    for (const size_t i : with_filter) {
      entries += Entries(levels[i]);
      weighted += Entries(levels[i]) * LogRunEntries(levels[i]);
    }
    const double log_lambda = -(memory * kLn2Squared + weighted) / entries;
    const size_t largest = with_filter.back();
    if (with_filter.size() > 1 && log_lambda + LogRunEntries(levels[largest]) > 0) {
      bits[largest] = 0;
      with_filter.pop_back();
      continue;
    }
    for (const size_t i : with_filter) {
      bits[i] = std::max(0.0, -(log_lambda + LogRunEntries(levels[i])) / kLn2Squared);
    }
    break;
  }
  return bits;
}

double ExpectedFalsePositives(std::span<const LevelShape> levels, std::span<const double> bits) {
  double sum = 0;
  for (size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].bytes == 0) continue;
    const auto runs = static_cast<double>(std::max<uint64_t>(levels[i].runs, 1));
    sum += runs * std::exp(-bits[i] * kLn2Squared);
  }
  return sum;
}

double FilterBitsFor(const Options& options, const TreeShape& shape, int level) {
  if (options.filter_allocation == FilterAllocation::kUniform) return options.bits_per_key;
  LSM_DCHECK(static_cast<size_t>(level) < shape.size());
  return MonkeyBits(shape, options.bits_per_key)[static_cast<size_t>(level)];
}

}  // namespace lsm
