// Tiered above, leveled below (docs/policies.md): the first tiered_levels levels gather runs, the
// others are one run each. Writes are cheap where data is young, reads and space are leveled's
// where most of it stands. With tiered_levels = 1 it is leveled compaction that takes all of level
// 0.
#include <stage/compaction/policy.h>

namespace lsm {
namespace {

class HybridPolicy final : public Policy {
 public:
  HybridPolicy(const PickerOptions& options, const InternalKeyComparator& cmp)
      : maker_(options, cmp), leveled_(NewLeveledPolicy(options, cmp)) {}

  double Score(const Tree& tree, int level) const override {
    return IsTiered(level) ? TieredScore(maker_.options(), tree, level)
                           : leveled_->Score(tree, level);
  }

  std::optional<CompactionJob> Offer(const Tree& tree, int level,
                                     const BusyFiles& busy) const override {
    if (!IsTiered(level)) return leveled_->Offer(tree, level, busy);
    const auto index = static_cast<size_t>(level);
    const bool last = index + 1 == tree.levels.size();
    std::optional<CompactionJob> job;
    if (last) {
      job = maker_.MergeWithin(tree, level, AllTables(tree.levels[index]), busy);
    } else if (IsTiered(level + 1)) {
      job = maker_.StackDown(tree, level, busy);
    } else {
      job = maker_.MergeDown(tree, level, AllTables(tree.levels[index]), busy);
    }
    if (job) job->reason = RunsReason(maker_.options(), tree, level);
    return job;
  }

 private:
  bool IsTiered(int level) const { return level < maker_.options().tiered_levels; }

  JobMaker maker_;
  std::unique_ptr<const Policy> leveled_;
};

}  // namespace

std::unique_ptr<const Policy> NewHybridPolicy(const PickerOptions& options,
                                              const InternalKeyComparator& cmp) {
  return std::make_unique<HybridPolicy>(options, cmp);
}

}  // namespace lsm
