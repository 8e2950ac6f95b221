// How the memory of all filters is shared among the sorted runs of a tree. Pure functions.
//
// A lookup of a key that is not there costs, in tables searched for nothing, the sum of the
// false-positive rates of all runs. Equal bits a key everywhere give each run the same rate, though
// the bits of a small run cost little. Monkey (Dayan, Athanassoulis, Idreos, SIGMOD 2017) makes the
// sum least for the same memory: the rate of a run in proportion to its entries.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "contract/compaction/job.h"
#include "format/tree.h"
#include "lsm/options.h"

namespace lsm {

// What the allocation needs to know of a level. Bytes stand for entries: in all levels about as
// many bytes an entry.
struct LevelShape {
  uint64_t runs = 0;
  uint64_t bytes = 0;
};
using TreeShape = std::vector<LevelShape>;

TreeShape ShapeOf(const Tree& tree);
// With the job's inputs gone and as many bytes in its output level.
TreeShape ShapeAfter(const Tree& tree, const CompactionJob& job);

// Bits a key for the filters of each level, so that the average over all entries is `bits_per_key`
// and the sum of the rates the least. 0: better none; a level without entries gets bits_per_key.
std::vector<double> MonkeyBits(std::span<const LevelShape> levels, double bits_per_key);

// The sum over all runs of the rate exp(-bits * ln(2)^2): tables that the lookup of an absent key
// searches.
double ExpectedFalsePositives(std::span<const LevelShape> levels, std::span<const double> bits);

// The bits for a table that is written to `level` of a tree with this shape.
double FilterBitsFor(const Options& options, const TreeShape& shape, int level);

}  // namespace lsm
