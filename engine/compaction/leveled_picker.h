// LeveledPicker: LevelDB's leveled compaction. Contract: K-SCORE, K-PICK, K-SPLIT, K-MOVE, K-ROUND,
// K-RANGE.
//
// Level 0 is due when it holds too many runs: each is one more place to look. A deeper level is due
// when it holds more bytes than its target; targets grow by the size ratio. The last level is never
// due. Pure and thread-safe: the same tree gives the same job.
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

class LeveledPicker {
 public:
  LeveledPicker(const PickerOptions& options, const InternalKeyComparator& cmp)
      : options_(options), cmp_(cmp) {}

  static bool Supports(CompactionPolicy policy) { return policy == CompactionPolicy::kLeveled; }

  double Score(const Tree& tree, int level) const;

  // The levels are tried from the highest score down; a level whose job meets a busy table is
  // passed over.
  std::optional<CompactionJob> Pick(const Tree& tree, const BusyFiles& busy) const;

  // None also while a table that it needs is busy, and for the last level.
  std::optional<CompactionJob> PickRange(const Tree& tree, int level, std::string_view begin,
                                         std::string_view end, const BusyFiles& busy) const;

 private:
  double TargetBytes(int level) const;
  std::string Reason(const Tree& tree, int level) const;
  std::optional<CompactionJob> Complete(const Tree& tree, int level, std::vector<FileRef> seeds,
                                        const BusyFiles& busy) const;
  FileRef NextInRound(const Tree& tree, int level) const;
  std::vector<FileRef> Closure(const Level& level, std::vector<FileRef> files) const;
  std::vector<FileRef> OverlapClosure(const Level& level, const std::vector<FileRef>& files) const;
  void Grow(const Tree& tree, const BusyFiles& busy, CompactionJob* job) const;

  PickerOptions options_;
  InternalKeyComparator cmp_;
};

}  // namespace lsm
