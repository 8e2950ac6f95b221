// Size-tiered compaction (docs/policies.md). A level gathers runs. When it has as many as its
// trigger, all of them become one new run of the next level, and nothing of that level is
// rewritten: an entry is written once a level. The last level has none to give to: its runs become
// one.
#include <stage/compaction/policy.h>

namespace lsm {
namespace {

class TieredPolicy final : public Policy {
 public:
  TieredPolicy(const PickerOptions& options, const InternalKeyComparator& cmp)
      : maker_(options, cmp) {}

  double Score(const Tree& tree, int level) const override {
    return TieredScore(maker_.options(), tree, level);
  }

  std::optional<CompactionJob> Offer(const Tree& tree, int level,
                                     const BusyFiles& busy) const override {
    const auto index = static_cast<size_t>(level);
    const bool last = index + 1 == tree.levels.size();
    auto job = last ? maker_.MergeWithin(tree, level, AllTables(tree.levels[index]), busy)
                    : maker_.StackDown(tree, level, busy);
    if (job) job->reason = RunsReason(maker_.options(), tree, level);
    return job;
  }

 private:
  JobMaker maker_;
};

}  // namespace

std::unique_ptr<const Policy> NewTieredPolicy(const PickerOptions& options,
                                              const InternalKeyComparator& cmp) {
  return std::make_unique<TieredPolicy>(options, cmp);
}

}  // namespace lsm
