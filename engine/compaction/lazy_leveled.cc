// Lazy leveling (Dostoevsky, SIGMOD 2018; docs/policies.md): every level is tiered but the last
// that holds data, which is one run. Most of the data stands there, so a scan and a lookup of an
// absent key find one large run, while entries on their way down are written once a level.
//
// The last level grows with the data: when its run exceeds its target, it moves down one level as
// it is, and the level that it leaves is tiered from then on.
#include <fmt/format.h>

#include <stage/compaction/policy.h>

namespace lsm {
namespace {

class LazyLeveledPolicy final : public Policy {
 public:
  LazyLeveledPolicy(const PickerOptions& options, const InternalKeyComparator& cmp)
      : maker_(options, cmp) {}

  double Score(const Tree& tree, int level) const override {
    const int last = LastLevel(tree);
    if (level < last) return TieredScore(maker_.options(), tree, level);
    const Level& shape = tree.levels[static_cast<size_t>(level)];
    if (shape.runs.size() > 1) return static_cast<double>(shape.runs.size());
    if (level + 1 == static_cast<int>(tree.levels.size())) return 0;
    return static_cast<double>(shape.Bytes()) / TargetBytes(maker_.options(), level);
  }

  std::optional<CompactionJob> Offer(const Tree& tree, int level,
                                     const BusyFiles& busy) const override {
    const int last = LastLevel(tree);
    const Level& shape = tree.levels[static_cast<size_t>(level)];
    std::optional<CompactionJob> job;
    if (level + 1 == last) {
      job = maker_.MergeDown(tree, level, AllTables(shape), busy);
    } else if (level < last) {
      job = maker_.StackDown(tree, level, busy);
    } else if (shape.runs.size() > 1) {
      job = maker_.MergeWithin(tree, level, AllTables(shape), busy);
    } else {
      job = maker_.StackDown(tree, level, busy);
    }
    if (!job) return job;
    if (level < last) {
      job->reason = RunsReason(maker_.options(), tree, level);
    } else if (shape.runs.size() > 1) {
      job->reason =
          fmt::format("last level {} has {} runs instead of one", level, shape.runs.size());
    } else {
      job->reason = fmt::format("last level {} holds {} of {} and moves down", level,
                                BytesText(static_cast<double>(shape.Bytes())),
                                BytesText(TargetBytes(maker_.options(), level)));
    }
    return job;
  }

 private:
  // The deepest that holds data, at least 1.
  static int LastLevel(const Tree& tree) {
    auto level = static_cast<int>(tree.levels.size()) - 1;
    while (level > 1 && tree.levels[static_cast<size_t>(level)].runs.empty()) --level;
    return level;
  }

  JobMaker maker_;
};

}  // namespace

std::unique_ptr<const Policy> NewLazyLeveledPolicy(const PickerOptions& options,
                                                   const InternalKeyComparator& cmp) {
  return std::make_unique<LazyLeveledPolicy>(options, cmp);
}

}  // namespace lsm
