// CompactionPicker: asks the policy of the options which level is due, and for its job. Contract:
// K-SCORE, K-PICK, K-RANGE, K-POLICY. Pure and thread-safe: the same tree gives the same job.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <stage/compaction/job_maker.h>
#include <stage/compaction/policy.h>

namespace lsm {

class CompactionPicker {
 public:
  // Requires Supports(options.policy).
  CompactionPicker(const PickerOptions& options, const InternalKeyComparator& cmp);

  static bool Supports(CompactionPolicy policy);

  double Score(const Tree& tree, int level) const { return policy_->Score(tree, level); }

  // The levels are tried from the highest score down; a level whose job meets a busy table is
  // passed over.
  std::optional<CompactionJob> Pick(const Tree& tree, const BusyFiles& busy, uint64_t now_us) const;

  uint64_t NextDue(const Tree& tree, uint64_t now_us) const;

  // None also while a table that it needs is busy.
  std::optional<CompactionJob> PickRange(const Tree& tree, int level, int output_level,
                                         std::string_view begin, std::string_view end,
                                         const BusyFiles& busy) const;

 private:
  std::optional<CompactionJob> PickAged(const Tree& tree, const BusyFiles& busy,
                                        uint64_t now_us) const;
  uint64_t AgeLimit(const FileMeta& file) const;

  JobMaker maker_;
  std::unique_ptr<const Policy> policy_;
};

}  // namespace lsm
