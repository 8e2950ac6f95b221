// Policy: what a compaction policy decides. Each is one file (leveled.cc, ...) of two pure
// functions: how much a level is due, and which job it offers then. What makes any job sound stands
// in job_maker.h and is the same for all.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <stage/compaction/job_maker.h>
#include "contract/compaction/concept.h"
#include "contract/compaction/job.h"
#include "format/tree.h"

namespace lsm {

class Policy {
 public:
  virtual ~Policy() = default;

  // At least 1: a compaction of the level is due.
  virtual double Score(const Tree& tree, int level) const = 0;

  // The job that a level that is due offers, with its reason; none if it needs a busy table.
  virtual std::optional<CompactionJob> Offer(const Tree& tree, int level,
                                             const BusyFiles& busy) const = 0;

  // What must go whatever the scores: for its age, or for the size of all. Asked first.
  virtual std::optional<CompactionJob> Timed(const Tree&, const BusyFiles&, uint64_t) const {
    return std::nullopt;
  }
  // K-TIME.
  virtual uint64_t NextDue(const Tree&, uint64_t) const { return UINT64_MAX; }
};

std::unique_ptr<const Policy> NewLeveledPolicy(const PickerOptions& options,
                                               const InternalKeyComparator& cmp);
std::unique_ptr<const Policy> NewTieredPolicy(const PickerOptions& options,
                                              const InternalKeyComparator& cmp);
std::unique_ptr<const Policy> NewLazyLeveledPolicy(const PickerOptions& options,
                                                   const InternalKeyComparator& cmp);
std::unique_ptr<const Policy> NewHybridPolicy(const PickerOptions& options,
                                              const InternalKeyComparator& cmp);
std::unique_ptr<const Policy> NewFifoPolicy(const PickerOptions& options,
                                            const InternalKeyComparator& cmp);

// How many runs a tiered level may not reach: level 0 has a knob of its own.
inline int RunsMax(const PickerOptions& options, int level) {
  return level == 0 ? options.l0_trigger : options.runs_per_level;
}
inline double TieredScore(const PickerOptions& options, const Tree& tree, int level) {
  return static_cast<double>(tree.levels[static_cast<size_t>(level)].runs.size()) /
         RunsMax(options, level);
}
// "level 2 has 4 runs, trigger 4".
std::string RunsReason(const PickerOptions& options, const Tree& tree, int level);

}  // namespace lsm
