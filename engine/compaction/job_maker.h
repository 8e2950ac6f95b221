// JobMaker: from the tables that a policy wants to move to a whole job: what must come along, and
// where the outputs go. Contract: K-SOUND, K-BUSY, K-MOVE.
//
// Invariant: versions of a key never change their order. A table takes along what it meets in its
// own level, so that nothing older stays above it, and what it meets in the run that it joins.
// Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/compaction/concept.h"
#include "contract/compaction/job.h"
#include "format/internal_key.h"
#include "format/tree.h"

namespace lsm {

class JobMaker {
 public:
  JobMaker(const PickerOptions& options, const InternalKeyComparator& cmp)
      : options_(options), cmp_(cmp) {}

  // Merges `seeds` of `level`, and what they meet in the next level, into the oldest run of that.
  // Requires seeds, and a next level. None (as below) if it would need a busy table.
  std::optional<CompactionJob> MergeDown(const Tree& tree, int level, std::vector<FileRef> seeds,
                                         const BusyFiles& busy) const;

  // Merges `seeds`, and what they meet in other runs of their level, into the oldest run of it.
  // Repeated, it makes one run of a level: each time fewer tables stand outside of the oldest.
  std::optional<CompactionJob> MergeWithin(const Tree& tree, int level, std::vector<FileRef> seeds,
                                           const BusyFiles& busy) const;

  // Makes all of `level` one new run of the next level, in front of those that stand there. While
  // one such job of a level runs, its tables are busy and the level offers no other: runs arrive
  // in the next level in the order of their age. Requires a next level and a table.
  std::optional<CompactionJob> StackDown(const Tree& tree, int level, const BusyFiles& busy) const;

  // For the tombstones in `file`: down from level 0 and if anything older stands below it, into the
  // older runs of its level if there, else rewritten where it stands.
  std::optional<CompactionJob> SinkTombstones(const Tree& tree, int level, const FileRef& file,
                                              const BusyFiles& busy) const;

  // The tables of a level that meet user keys [begin, end], in the level's order; null data():
  // open.
  std::vector<FileRef> Meeting(const Level& level, std::string_view begin,
                               std::string_view end) const;

  const PickerOptions& options() const { return options_; }
  const InternalKeyComparator& cmp() const { return cmp_; }

 private:
  std::vector<FileRef> Closure(const Level& level, std::vector<FileRef> files) const;
  std::vector<FileRef> OverlapClosure(const Level& level, const std::vector<FileRef>& files) const;
  void Grow(const Tree& tree, int level, const BusyFiles& busy, std::vector<FileRef>* inputs,
            const std::vector<FileRef>& next) const;

  PickerOptions options_;
  InternalKeyComparator cmp_;
};

std::vector<FileRef> AllTables(const Level& level);

// "9.313 GiB".
std::string BytesText(double bytes);

// What a level of leveled shape should hold at most: grows by the size ratio.
double TargetBytes(const PickerOptions& options, int level);

}  // namespace lsm
