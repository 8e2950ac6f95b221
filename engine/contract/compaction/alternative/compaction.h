// A second implementation of the compaction stage, which shows that its suites pin the contract and
// not the reference. It computes everything from the definitions, by brute force, and never takes
// along more than it must.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
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

// Of files in any order; OverlappingFiles asks for a run.
inline bool AnyOverlaps(const std::vector<FileRef>& files, const InternalKeyComparator& cmp,
                        std::string_view begin, std::string_view end) {
  return std::any_of(files.begin(), files.end(), [&](const FileRef& file) {
    return !OverlappingFiles({file}, cmp, begin, end).empty();
  });
}

class CompactionPicker {
 public:
  CompactionPicker(const PickerOptions& options, const InternalKeyComparator& cmp)
      : options_(options), cmp_(cmp) {}

  static bool Supports(CompactionPolicy policy) { return policy == CompactionPolicy::kLeveled; }

  double Score(const Tree& tree, int level) const {
    const Level& l = LevelOf(tree, level);
    const auto runs = static_cast<double>(l.runs.size());
    if (level == 0) return runs / options_.l0_trigger;
    if (runs > 1) return runs;
    if (level + 1 >= static_cast<int>(tree.levels.size())) return 0;
    auto score = static_cast<double>(l.Bytes()) / static_cast<double>(options_.level1_bytes);
    while (--level > 0) score /= options_.size_ratio;
    return score;
  }

  std::optional<CompactionJob> Pick(const Tree& tree, const BusyFiles& busy,
                                    uint64_t now_us) const {
    if (auto job = Aged(tree, busy, now_us)) return job;
    std::optional<CompactionJob> best;
    for (int level = 0; level < static_cast<int>(tree.levels.size()); ++level) {
      const double score = Score(tree, level);
      if (score < 1 || (best && best->score >= score)) continue;
      const std::vector<SortedRun>& runs = LevelOf(tree, level).runs;
      const bool fold = level > 0 && runs.size() > 1;
      auto job = fold ? JobOf(tree, level, level, {runs.front().back()}, busy)
                      : JobOf(tree, level, level + 1, {NextInRound(tree, level)}, busy);
      if (!job) continue;
      for (const FileRef& file : InputsOf(*job, level)) {
        if (fold) break;
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

  uint64_t NextDue(const Tree& tree, uint64_t now_us) const {
    uint64_t next = UINT64_MAX;
    for (const Level& level : tree.levels) {
      for (const FileRef& file : FilesOf(level)) {
        if (DueAt(file) > now_us) next = std::min(next, DueAt(file));
      }
    }
    return next;
  }

  std::optional<CompactionJob> PickRange(const Tree& tree, int level, int output_level,
                                         std::string_view begin, std::string_view end,
                                         const BusyFiles& busy) const {
    if (output_level >= static_cast<int>(tree.levels.size())) return std::nullopt;
    std::vector<FileRef> seeds;
    std::set<uint64_t> runs;
    for (const FileRef& file : FilesOf(LevelOf(tree, level))) {
      if (OverlappingFiles({file}, cmp_, begin, end).empty()) continue;
      seeds.push_back(file);
      runs.insert(file->run);
    }
    if (seeds.empty() || (level == output_level && runs.size() == 1)) return std::nullopt;
    auto job = JobOf(tree, level, output_level, seeds, busy);
    if (job) job->reason = "a range of level " + std::to_string(level);
    return job;
  }

 private:
  uint64_t DueAt(const FileRef& file) const {
    const uint64_t flushed_us = file->facts.oldest_tombstone_us;
    if (options_.tombstone_age_max_us == 0 || flushed_us == 0) return UINT64_MAX;
    return flushed_us + std::min(options_.tombstone_age_max_us, UINT64_MAX - flushed_us);
  }
  // K-AGE: each table that is due, the longest first, until one offers a job.
  std::optional<CompactionJob> Aged(const Tree& tree, const BusyFiles& busy,
                                    uint64_t now_us) const {
    std::map<std::pair<uint64_t, uint64_t>, std::pair<int, FileRef>> due;
    for (int level = 0; level < static_cast<int>(tree.levels.size()); ++level) {
      for (const FileRef& file : FilesOf(LevelOf(tree, level))) {
        if (DueAt(file) <= now_us) due[{DueAt(file), file->number}] = {level, file};
      }
    }
    for (const auto& [when, place] : due) {
      const auto& [level, file] = place;
      bool below = level == 0, beside = false;
      for (int other = level; other < static_cast<int>(tree.levels.size()); ++other) {
        for (const FileRef& older : FilesOf(LevelOf(tree, other))) {
          if (!Meets(older, {file})) continue;
          below |= other > level;
          beside |= other == level && older->run < file->run;
        }
      }
      auto job = JobOf(tree, level, below ? level + 1 : level, {file}, busy);
      if (job && !below && !beside) job = InPlace(level, file, *job);
      if (!job) continue;
      job->reason = "an old tombstone in table " + std::to_string(file->number);
      return job;
    }
    return std::nullopt;
  }
  // Of `job`, the inputs of the file's own run.
  static CompactionJob InPlace(int level, const FileRef& file, CompactionJob job) {
    std::erase_if(job.inputs, [&](const InputRun& run) {
      return run.level != level || RunNumber(run.files) != file->run;
    });
    job.output_run = file->run;
    job.trivial_move = false;
    job.at_bottom = true;
    return job;
  }
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
    return AnyOverlaps(files, cmp_, ExtractUserKey(file->smallest), ExtractUserKey(file->largest));
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
  // What stands in `level` and of `files` there, run by run.
  static void AddRuns(const Tree& tree, int level, const std::vector<FileRef>& files,
                      CompactionJob* job) {
    for (const SortedRun& run : LevelOf(tree, level).runs) {
      InputRun part{level, {}};
      for (const FileRef& file : run) {
        if (std::find(files.begin(), files.end(), file) != files.end()) part.files.push_back(file);
      }
      if (!part.files.empty()) job->inputs.push_back(std::move(part));
    }
  }
  // What all `seeds` span goes along too when they stay in their level: outputs may fill gaps.
  std::optional<CompactionJob> JobOf(const Tree& tree, int level, int output_level,
                                     const std::vector<FileRef>& seeds,
                                     const BusyFiles& busy) const {
    CompactionJob job;
    job.level = level;
    job.output_level = output_level;
    const std::vector<SortedRun>& output_runs = LevelOf(tree, output_level).runs;
    job.output_run = output_runs.empty() ? 0 : RunNumber(output_runs.back());
    const bool within = level == output_level;
    std::vector<FileRef> inputs = Closure(LevelOf(tree, level), seeds);
    for (size_t before = 0; within && before != inputs.size();) {
      before = inputs.size();
      inputs = Closure(LevelOf(tree, level), {Span(inputs)});
    }
    std::vector<FileRef> all = inputs;
    AddRuns(tree, level, inputs, &job);
    if (!within) {
      const std::vector<FileRef> next = Closure(LevelOf(tree, output_level), {Span(inputs)});
      AddRuns(tree, output_level, next, &job);
      all.insert(all.end(), next.begin(), next.end());
    }
    for (const FileRef& file : all) {
      if (busy.count(file->number) > 0) return std::nullopt;
    }
    uint64_t bytes = 0;
    if (!within && static_cast<size_t>(level) + 2 < tree.levels.size() &&
        !LevelOf(tree, level + 2).runs.empty()) {
      for (const FileRef& file : LevelOf(tree, level + 2).runs.back()) {
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

// Searches every older table for each key.
class BottomTest {
 public:
  BottomTest(const Tree& tree, const CompactionJob& job, const InternalKeyComparator& cmp)
      : cmp_(cmp) {
    const std::vector<FileRef> inputs = AllInputs(job);
    const auto output_level = static_cast<size_t>(job.output_level);
    for (size_t level = output_level; level < tree.levels.size(); ++level) {
      for (const SortedRun& run : tree.levels[level].runs) {
        for (const FileRef& file : run) {
          const bool older = level > output_level || file->run < job.output_run;
          const bool input = std::find(inputs.begin(), inputs.end(), file) != inputs.end();
          if (older && !input) older_.push_back(file);
        }
      }
    }
  }

  bool operator()(std::string_view user_key) const {
    return !AnyOverlaps(older_, cmp_, user_key, user_key);
  }

 private:
  InternalKeyComparator cmp_;
  std::vector<FileRef> older_;
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
