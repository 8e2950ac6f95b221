// The shape of the LSM-tree: level -> sorted runs -> tables. Plain data, shared by the version
// stage (which keeps it durable) and the compaction stage (which picks from it).
//
// Invariants of a Tree (CheckTree):
//   1. within a run, tables are sorted by smallest key and their user-key ranges do not meet;
//   2. level 0 holds one run a table, newest first: descending file number;
//   3. a level above 0 holds at most one run (other layouts have a format mark of their own);
//   4. for each table smallest <= largest; a file number stands once in the tree.
// A Tree is immutable once published: a reader that holds it may use it without a lock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "format/internal_key.h"
#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

struct FileMeta {
  uint64_t number = 0;
  uint64_t bytes = 0;     // size of the file
  std::string smallest;   // internal keys, both inclusive
  std::string largest;
};

using FileRef = std::shared_ptr<const FileMeta>;
using SortedRun = std::vector<FileRef>;

struct Level {
  std::vector<SortedRun> runs;  // newest first

  uint64_t Bytes() const;
  size_t Files() const;
};

struct Tree {
  // As many as Options::num_levels, or more when the manifest holds more.
  std::vector<Level> levels;
  // Level -> user internal key behind which the next compaction of the level begins (round robin).
  std::vector<std::string> compact_pointers;

  explicit Tree(size_t n = kMaxLevels) : levels(n), compact_pointers(n) {}
};

// Corruption names the level, the files and the broken invariant.
Status CheckTree(const Tree& tree, const InternalKeyComparator& cmp);

// For messages and tests. One line a level, keys escaped:
// "L1  3 files  120 bytes: 7[a..c] 9[d..f]".
std::string DescribeTree(const Tree& tree);

// The tables of `run` whose range meets user keys [begin, end]; a view with null data() is open.
std::vector<FileRef> OverlappingFiles(const SortedRun& run, const InternalKeyComparator& cmp,
                                      std::string_view begin, std::string_view end);

// Index of the first table of a disjoint run whose largest key >= `internal_key`; size() if none.
size_t FindFile(const SortedRun& run, const InternalKeyComparator& cmp,
                std::string_view internal_key);

}  // namespace lsm
