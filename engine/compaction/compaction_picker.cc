#include <stage/compaction/compaction_picker.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/escape.h"

namespace lsm {
namespace {

std::unique_ptr<const Policy> NewPolicy(const PickerOptions& options,
                                        const InternalKeyComparator& cmp) {
  switch (options.policy) {
    case CompactionPolicy::kLeveled:
      return NewLeveledPolicy(options, cmp);
    case CompactionPolicy::kTiered:
      return NewTieredPolicy(options, cmp);
    case CompactionPolicy::kLazyLeveled:
      return NewLazyLeveledPolicy(options, cmp);
    case CompactionPolicy::kHybrid:
      return NewHybridPolicy(options, cmp);
    case CompactionPolicy::kFifo:
      return NewFifoPolicy(options, cmp);
  }
  return nullptr;
}

std::string BoundText(std::string_view key, std::string_view open) {
  return key.data() == nullptr ? std::string(open) : Escape(key);
}

}  // namespace

std::string RunsReason(const PickerOptions& options, const Tree& tree, int level) {
  return fmt::format("level {} has {} runs, trigger {}", level,
                     tree.levels[static_cast<size_t>(level)].runs.size(), RunsMax(options, level));
}

CompactionPicker::CompactionPicker(const PickerOptions& options, const InternalKeyComparator& cmp)
    : maker_(options, cmp), policy_(NewPolicy(options, cmp)) {
  LSM_CHECK(policy_ != nullptr);
}

bool CompactionPicker::Supports(CompactionPolicy policy) {
  return policy <= CompactionPolicy::kFifo;
}

std::optional<CompactionJob> CompactionPicker::Pick(const Tree& tree, const BusyFiles& busy,
                                                    uint64_t now_us) const {
  if (auto job = policy_->Timed(tree, busy, now_us)) return job;
  if (auto job = PickAged(tree, busy, now_us)) return job;
  std::vector<std::pair<double, int>> due;
  for (int level = 0; level < static_cast<int>(tree.levels.size()); ++level) {
    const double score = Score(tree, level);
    if (score >= 1) due.emplace_back(score, level);
  }
  // Of equal scores the upper level first: what is newer is read more often.
  std::stable_sort(due.begin(), due.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [score, level] : due) {
    std::optional<CompactionJob> job = policy_->Offer(tree, level, busy);
    if (!job) continue;
    job->score = score;
    return job;
  }
  return std::nullopt;
}

uint64_t CompactionPicker::NextDue(const Tree& tree, uint64_t now_us) const {
  uint64_t next = policy_->NextDue(tree, now_us);
  for (const Level& level : tree.levels) {
    for (const FileRef& file : AllTables(level)) {
      if (const uint64_t due = AgeLimit(*file); due > now_us) next = std::min(next, due);
    }
  }
  return next;
}

// When the table's oldest tombstone reaches its age limit.
uint64_t CompactionPicker::AgeLimit(const FileMeta& file) const {
  const uint64_t age_max_us = maker_.options().tombstone_age_max_us;
  const uint64_t flushed_us = file.facts.oldest_tombstone_us;
  const bool never = age_max_us == 0 || flushed_us == 0 || flushed_us > UINT64_MAX - age_max_us ||
                     maker_.options().policy == CompactionPolicy::kFifo;
  return never ? UINT64_MAX : flushed_us + age_max_us;
}

// K-AGE: of the tables over the limit the one with the oldest tombstone first.
std::optional<CompactionJob> CompactionPicker::PickAged(const Tree& tree, const BusyFiles& busy,
                                                        uint64_t now_us) const {
  std::vector<std::pair<FileRef, int>> aged;
  for (int level = 0; level < static_cast<int>(tree.levels.size()); ++level) {
    for (const FileRef& file : AllTables(tree.levels[static_cast<size_t>(level)])) {
      if (AgeLimit(*file) <= now_us) aged.emplace_back(file, level);
    }
  }
  std::sort(aged.begin(), aged.end(), [this](const auto& a, const auto& b) {
    const uint64_t due_a = AgeLimit(*a.first);
    const uint64_t due_b = AgeLimit(*b.first);
    return due_a != due_b ? due_a < due_b : a.first->number < b.first->number;
  });
  for (const auto& [file, level] : aged) {
    auto job = maker_.SinkTombstones(tree, level, file, busy);
    if (!job) continue;
    job->reason = fmt::format("table {} holds a tombstone {} us old, limit {} us", file->number,
                              now_us - file->facts.oldest_tombstone_us,
                              maker_.options().tombstone_age_max_us);
    return job;
  }
  return std::nullopt;
}

std::optional<CompactionJob> CompactionPicker::PickRange(const Tree& tree, int level,
                                                         int output_level, std::string_view begin,
                                                         std::string_view end,
                                                         const BusyFiles& busy) const {
  LSM_DCHECK(output_level == level || output_level == level + 1);
  if (static_cast<size_t>(output_level) >= tree.levels.size()) return std::nullopt;
  const std::vector<FileRef> seeds =
      maker_.Meeting(tree.levels[static_cast<size_t>(level)], begin, end);
  const bool within = output_level == level;
  if (seeds.empty() || (within && seeds.front()->run == seeds.back()->run)) return std::nullopt;
  std::optional<CompactionJob> job = within ? maker_.MergeWithin(tree, level, seeds, busy)
                                            : maker_.MergeDown(tree, level, seeds, busy);
  if (!job) return std::nullopt;
  job->score = Score(tree, level);
  job->reason = fmt::format("manual compaction of level {} from {} to {}", level,
                            BoundText(begin, "the front"), BoundText(end, "the end"));
  return job;
}

}  // namespace lsm
