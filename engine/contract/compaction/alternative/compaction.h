// A second implementation of the compaction stage, which shows that its suites pin the contract and
// not the reference. It computes everything from the definitions, by brute force, and never takes
// along more than it must.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contract/compaction/concept.h"
#include "contract/compaction/job.h"
#include "format/internal_iterator.h"
#include "format/internal_key.h"
#include "format/tree.h"
#include "lsm/status.h"

namespace lsm {

class CompactionPicker {
 public:
  CompactionPicker(const PickerOptions& options, const InternalKeyComparator& cmp)
      : options_(options), cmp_(cmp) {}

  static bool Supports(CompactionPolicy policy) { return policy == CompactionPolicy::kLeveled; }

  double Score(const Tree& tree, int level) const {
    if (level + 1 >= static_cast<int>(tree.levels.size())) return 0;
    const Level& l = LevelOf(tree, level);
    if (level == 0) return static_cast<double>(l.runs.size()) / options_.l0_trigger;
    auto score = static_cast<double>(l.Bytes()) / static_cast<double>(options_.level1_bytes);
    while (--level > 0) score /= options_.size_ratio;
    return score;
  }

  std::optional<CompactionJob> Pick(const Tree& tree, const BusyFiles& busy) const {
    std::optional<CompactionJob> best;
    for (int level = 0; level < static_cast<int>(tree.levels.size()); ++level) {
      const double score = Score(tree, level);
      if (score < 1 || (best && best->score >= score)) continue;
      auto job = JobOf(tree, level, {NextInRound(tree, level)}, busy);
      if (!job) continue;
      for (const FileRef& file : job->inputs) {
        if (job->compact_pointer.empty() || cmp_.Compare(file->largest, job->compact_pointer) > 0) {
          job->compact_pointer = file->largest;
        }
      }
      job->score = score;
      job->reason = "level " + std::to_string(level) + " has score " + std::to_string(score);
      best = std::move(job);
    }
    return best;
  }

  std::optional<CompactionJob> PickRange(const Tree& tree, int level, std::string_view begin,
                                         std::string_view end, const BusyFiles& busy) const {
    if (level + 1 >= static_cast<int>(tree.levels.size())) return std::nullopt;
    std::vector<FileRef> seeds;
    for (const FileRef& file : FilesOf(LevelOf(tree, level))) {
      if (!OverlappingFiles({file}, cmp_, begin, end).empty()) seeds.push_back(file);
    }
    if (seeds.empty()) return std::nullopt;
    auto job = JobOf(tree, level, seeds, busy);
    if (job) job->reason = "a range of level " + std::to_string(level);
    return job;
  }

 private:
  static const Level& LevelOf(const Tree& tree, int level) {
    return tree.levels[static_cast<size_t>(level)];
  }
  static std::vector<FileRef> FilesOf(const Level& level) {
    std::vector<FileRef> files;
    for (const SortedRun& run : level.runs) files.insert(files.end(), run.begin(), run.end());
    return files;
  }
  // True if the user-key range of `file` meets that of one of `files`.
  bool Meets(const FileRef& file, const std::vector<FileRef>& files) const {
    return !OverlappingFiles(files, cmp_, ExtractUserKey(file->smallest),
                             ExtractUserKey(file->largest))
                .empty();
  }
  // The files of the level that meet `files`, or each other through one another.
  std::vector<FileRef> Closure(const Level& level, std::vector<FileRef> files) const {
    std::vector<FileRef> met;
    for (size_t before = SIZE_MAX; before != met.size();) {
      before = met.size();
      files.insert(files.end(), met.begin(), met.end());
      met.clear();
      for (const FileRef& file : FilesOf(level)) {
        if (Meets(file, files)) met.push_back(file);
      }
    }
    return met;
  }
  // A table that would reach from the first key of `files` to the last.
  FileRef Span(const std::vector<FileRef>& files) const {
    auto span = std::make_shared<FileMeta>(*files[0]);
    for (const FileRef& file : files) {
      if (cmp_.Compare(file->smallest, span->smallest) < 0) span->smallest = file->smallest;
      if (cmp_.Compare(file->largest, span->largest) > 0) span->largest = file->largest;
    }
    return span;
  }
  FileRef NextInRound(const Tree& tree, int level) const {
    const std::string& pointer = tree.compact_pointers[static_cast<size_t>(level)];
    const std::vector<FileRef> files = FilesOf(LevelOf(tree, level));
    return *std::min_element(files.begin(), files.end(), [&](const FileRef& a, const FileRef& b) {
      const auto passed = [&](const FileRef& file) {
        return !pointer.empty() && cmp_.Compare(file->largest, pointer) <= 0;
      };
      if (passed(a) != passed(b)) return passed(b);
      return cmp_.Compare(a->largest, b->largest) < 0;
    });
  }
  std::optional<CompactionJob> JobOf(const Tree& tree, int level, const std::vector<FileRef>& seeds,
                                     const BusyFiles& busy) const {
    CompactionJob job;
    job.level = level;
    job.output_level = level + 1;
    job.inputs = Closure(LevelOf(tree, level), seeds);
    job.next_inputs = Closure(LevelOf(tree, level + 1), {Span(job.inputs)});
    std::vector<FileRef> all = job.inputs;
    all.insert(all.end(), job.next_inputs.begin(), job.next_inputs.end());
    for (const FileRef& file : all) {
      if (busy.count(file->number) > 0) return std::nullopt;
    }
    uint64_t bytes = 0;
    if (static_cast<size_t>(level) + 2 < tree.levels.size()) {
      for (const FileRef& file : FilesOf(LevelOf(tree, level + 2))) {
        if (!Meets(file, {Span(all)})) continue;
        job.grandparents.push_back(file);
        bytes += file->bytes;
      }
    }
    job.trivial_move = all.size() == 1 && bytes <= 10 * options_.max_file_bytes;
    return job;
  }

  PickerOptions options_;
  InternalKeyComparator cmp_;
};

// Searches every deeper run for each key.
class BottomTest {
 public:
  BottomTest(const Tree& tree, const CompactionJob& job, const InternalKeyComparator& cmp)
      : tree_(&tree), level_(static_cast<size_t>(job.output_level) + 1), cmp_(cmp) {}

  bool operator()(std::string_view user_key) const {
    for (size_t level = level_; level < tree_->levels.size(); ++level) {
      for (const SortedRun& run : tree_->levels[level].runs) {
        if (!OverlappingFiles(run, cmp_, user_key, user_key).empty()) return false;
      }
    }
    return true;
  }

 private:
  const Tree* tree_;
  size_t level_;
  InternalKeyComparator cmp_;
};

// Keeps a list of the newer versions of the user key, and asks each snapshot which version it sees.
class SurvivalRule {
 public:
  SurvivalRule(const InternalKeyComparator& cmp, std::vector<SequenceNumber> snapshots,
               std::function<bool(std::string_view)> bottom)
      : cmp_(cmp), snapshots_(std::move(snapshots)), bottom_(std::move(bottom)) {}

  Survival Judge(const ParsedInternalKey& key) {
    if (!newer_.empty() && cmp_.CompareUserKeys(key.user_key, user_key_) != 0) newer_.clear();
    const bool seen =
        std::any_of(snapshots_.begin(), snapshots_.end(), [this, &key](SequenceNumber snapshot) {
          return key.sequence <= snapshot && (newer_.empty() || newer_.back() > snapshot);
        });
    user_key_ = key.user_key;
    newer_.push_back(key.sequence);
    if (key.sequence > snapshots_.back()) return Survival::kKeep;
    if (!seen) return Survival::kDropShadowed;
    const bool needless = key.type == ValueType::kDeletion && key.sequence <= snapshots_.front() &&
                          bottom_(key.user_key);
    return needless ? Survival::kDropTombstone : Survival::kKeep;
  }

 private:
  InternalKeyComparator cmp_;
  std::vector<SequenceNumber> snapshots_;
  std::function<bool(std::string_view)> bottom_;
  std::string user_key_;
  std::vector<SequenceNumber> newer_;
};

template <InternalIterator Input, MergeSink Sink, MergeObserver Observer>
Status MergeTables(Input* input, SurvivalRule* rule, uint64_t max_file_bytes,
                   const std::vector<FileRef>& grandparents, const InternalKeyComparator& cmp,
                   Sink* sink, MergeStatistics* statistics, Observer* observer) {
  std::optional<std::string> first, last;  // user keys of the open output
  for (input->SeekToFirst(); input->Valid(); input->Next()) {
    LSM_RETURN_IF_ERROR(observer->Poll());
    ++statistics->entries_in;
    ParsedInternalKey key;
    if (!ParseInternalKey(input->key(), &key)) return Status::Corruption("no internal key");
    const Survival survival = rule->Judge(key);
    if (survival != Survival::kKeep) {
      const bool tombstone = survival == Survival::kDropTombstone;
      ++(tombstone ? statistics->tombstones_dropped : statistics->shadowed_dropped);
      observer->OnDropped(key, survival);
      continue;
    }
    if (last && cmp.CompareUserKeys(key.user_key, *last) != 0) {
      uint64_t overlap = 0;
      for (const FileRef& file : OverlappingFiles(grandparents, cmp, *first, key.user_key)) {
        overlap += file->bytes;
      }
      if (sink->OutputBytes() >= max_file_bytes || overlap > 10 * max_file_bytes) {
        LSM_RETURN_IF_ERROR(sink->Cut());
        first.reset();
      }
    }
    if (!first) first = key.user_key;
    last = key.user_key;
    LSM_RETURN_IF_ERROR(sink->Add(input->key(), input->value()));
    ++statistics->entries_out;
  }
  LSM_RETURN_IF_ERROR(Status(input->status()));
  return first ? sink->Cut() : Status::Ok();
}

}  // namespace lsm
