// The shape of the LSM-tree: level -> sorted runs -> tables. Plain data, shared by the version
// stage (which keeps it durable) and the compaction stage (which picks from it).
//
// Invariants of a Tree (CheckTree):
//   1. within a run, tables are sorted by smallest key, their user-key ranges do not meet, and all
//      carry the run's number;
//   2. no run is empty; the runs of a level stand newest first: by descending number;
//   3. for each table smallest <= largest; a file number stands once in the tree.
// A version of a key is newer than another if its level is less deep, or in one level its run is
// newer. LevelDB's layout is a special case: a run a table in level 0, one run in each other level
// (DefaultRun); any other has a mark of its own on disk (docs/formats/manifest.md).
// A Tree is immutable once published: a reader that holds it may use it without a lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "format/internal_key.h"
#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

// What a table holds, for policies that ask. Stands in the table itself (docs/formats/sstable.md);
// all zeros if nobody asked, or if another engine wrote the table. Times are the Env's.
struct TableFacts {
  uint64_t entries = 0, tombstones = 0;
  uint64_t last_sequence = 0;        // of its newest update
  uint64_t newest_us = 0;            // when its newest update was flushed
  uint64_t oldest_tombstone_us = 0;  // when its oldest tombstone was; 0: it has none
};

struct FileMeta {
  uint64_t number = 0;
  uint64_t bytes = 0;    // size of the file
  std::string smallest;  // internal keys, both inclusive
  std::string largest;
  uint64_t run = 0;  // number of its run in its level
  TableFacts facts{};
  // The codec of its blocks, if it is one that LevelDB does not read; else kNone.
  Compression compression = Compression::kNone;
};

using FileRef = std::shared_ptr<const FileMeta>;
using SortedRun = std::vector<FileRef>;

// The run in which LevelDB has a table: of its own in level 0, the only one of any other level.
inline uint64_t DefaultRun(int level, uint64_t file_number) { return level == 0 ? file_number : 0; }

// Requires a run that is not empty.
inline uint64_t RunNumber(const SortedRun& run) { return run.front()->run; }

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

// The same tree, in which the only run of a level below 0 has the default number: where several
// runs have become one, nothing is left to mark. Numbers that running jobs hold are void then.
std::shared_ptr<const Tree> WithDefaultRuns(std::shared_ptr<const Tree> tree);

// The same tree with each table as `complete` has changed it; its first error.
Result<std::shared_ptr<const Tree>> WithFacts(const std::shared_ptr<const Tree>& tree,
                                              const std::function<Status(FileMeta*)>& complete);

// For messages and tests. One line a level, keys escaped, a bar between the runs of a level below
// 0: "L1  3 files  120 bytes: 7[a..c] 9[d..f] | 5[a..z]".
std::string DescribeTree(const Tree& tree);

uint64_t TotalBytes(const std::vector<FileRef>& files);

// User keys, both inclusive. Views into the tables they were taken from.
struct UserRange {
  std::string_view begin, end;
};

// From the first to the last user key of `files`, gaps included. Requires files.
UserRange Hull(const std::vector<FileRef>& files, const InternalKeyComparator& cmp);

// The tables of `run` whose range meets user keys [begin, end]; a view with null data() is open.
std::vector<FileRef> OverlappingFiles(const SortedRun& run, const InternalKeyComparator& cmp,
                                      std::string_view begin, std::string_view end);

// Index of the first table of a disjoint run whose largest key >= `internal_key`; size() if none.
size_t FindFile(const SortedRun& run, const InternalKeyComparator& cmp,
                std::string_view internal_key);

}  // namespace lsm
