// Leveled compaction, LevelDB's (docs/policies.md). Level 0 is due when it holds too many runs:
// each is one more place to look. A deeper level is due when it holds more bytes than its target;
// targets grow by the size ratio. The last level is never due. Levels that another policy left with
// several runs are made one run first.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <stage/compaction/policy.h>
#include "base/check.h"
#include "base/escape.h"

namespace lsm {
namespace {

class LeveledPolicy final : public Policy {
 public:
  LeveledPolicy(const PickerOptions& options, const InternalKeyComparator& cmp)
      : maker_(options, cmp) {}

  double Score(const Tree& tree, int level) const override {
    const auto index = static_cast<size_t>(level);
    LSM_DCHECK(index < tree.levels.size());
    if (level == 0) return TieredScore(maker_.options(), tree, level);
    const auto runs = static_cast<double>(tree.levels[index].runs.size());
    if (runs > 1) return runs;
    if (index + 1 >= tree.levels.size()) return 0;
    return static_cast<double>(tree.levels[index].Bytes()) / TargetBytes(maker_.options(), level);
  }

  std::optional<CompactionJob> Offer(const Tree& tree, int level,
                                     const BusyFiles& busy) const override {
    const auto& runs = tree.levels[static_cast<size_t>(level)].runs;
    if (level > 0 && runs.size() > 1) {
      auto job = maker_.MergeWithin(tree, level, {runs.front().front()}, busy);
      if (job) job->reason = fmt::format("level {} has {} runs instead of one", level, runs.size());
      return job;
    }
    auto job = maker_.MergeDown(tree, level, {Choose(tree, level)}, busy);
    if (!job) return job;
    for (const FileRef& file : InputsOf(*job, level)) {
      std::string* pointer = &job->compact_pointer;
      if (pointer->empty() || maker_.cmp().Compare(file->largest, *pointer) > 0) {
        *pointer = file->largest;
      }
    }
    job->reason = Reason(tree, level);
    return job;
  }

 private:
  std::string Reason(const Tree& tree, int level) const {
    const auto index = static_cast<size_t>(level);
    if (level == 0) return RunsReason(maker_.options(), tree, level);
    const std::string& pointer = tree.compact_pointers[index];
    constexpr std::array kRules = {
        "next in round robin", "the oldest table", "the table with the most below it",
        "the table with the least below it", "the table with the most tombstones"};
    const FilePick pick = maker_.options().file_pick;
    std::string rule = kRules[static_cast<size_t>(pick)];
    if (pick == FilePick::kRoundRobin) {
      rule += pointer.empty() ? " from the front" : " after key " + Escape(ExtractUserKey(pointer));
    }
    return fmt::format("level {} holds {} of {}; {}", level,
                       BytesText(static_cast<double>(tree.levels[index].Bytes())),
                       BytesText(TargetBytes(maker_.options(), level)), rule);
  }

  // The table that goes down next; in level 0 always the next in the round, with all it meets.
  FileRef Choose(const Tree& tree, int level) const {
    if (level == 0 || maker_.options().file_pick == FilePick::kRoundRobin) {
      return NextInRound(tree, level);
    }
    const SortedRun& run = tree.levels[static_cast<size_t>(level)].runs.front();
    return *std::min_element(run.begin(), run.end(), [&](const FileRef& a, const FileRef& b) {
      const double rank_a = Rank(tree, level, *a);
      const double rank_b = Rank(tree, level, *b);
      return rank_a != rank_b ? rank_a < rank_b : a->number < b->number;
    });
  }

  // The table with the lowest goes first.
  double Rank(const Tree& tree, int level, const FileMeta& file) const {
    uint64_t below = 0;
    for (const FileRef& met :
         maker_.Meeting(tree.levels[static_cast<size_t>(level) + 1], ExtractUserKey(file.smallest),
                        ExtractUserKey(file.largest))) {
      below += met->bytes;
    }
    const double overlap = static_cast<double>(below) / static_cast<double>(file.bytes);
    const auto entries = static_cast<double>(std::max<uint64_t>(file.facts.entries, 1));
    switch (maker_.options().file_pick) {
      case FilePick::kMostOverlap:
        return -overlap;
      case FilePick::kLeastOverlap:
        return overlap;
      case FilePick::kMostTombstones:
        return -static_cast<double>(file.facts.tombstones) / entries;
      default:
        return static_cast<double>(file.number);
    }
  }

  // The table with the least largest key behind the level's compact pointer, or of all.
  FileRef NextInRound(const Tree& tree, int level) const {
    const auto index = static_cast<size_t>(level);
    const std::string& pointer = tree.compact_pointers[index];
    FileRef first, next;
    const auto improve = [this](FileRef* best, const FileRef& file) {
      if (*best == nullptr || maker_.cmp().Compare(file->largest, (*best)->largest) < 0) {
        *best = file;
      }
    };
    for (const SortedRun& run : tree.levels[index].runs) {
      for (const FileRef& file : run) {
        improve(&first, file);
        if (!pointer.empty() && maker_.cmp().Compare(file->largest, pointer) > 0) {
          improve(&next, file);
        }
      }
    }
    return next != nullptr ? next : first;
  }

  JobMaker maker_;
};

}  // namespace

std::unique_ptr<const Policy> NewLeveledPolicy(const PickerOptions& options,
                                               const InternalKeyComparator& cmp) {
  return std::make_unique<LeveledPolicy>(options, cmp);
}

}  // namespace lsm
