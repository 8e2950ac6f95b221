// ModelTree: an LSM-tree whose tables are lists in memory, compacted by the stage under test. Reads
// go the way of the database: newest place first, and the first version that is visible decides.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stage/compaction/compaction.h>
#include "base/check.h"
#include "contract/compaction/merge_recorder.h"
#include "contract/iterator/vector_source.h"
#include "format/tree.h"

namespace lsm {

class ModelTree {
 public:
  ModelTree(const PickerOptions& options, size_t levels, const InternalKeyComparator& cmp)
      : options_(options), cmp_(cmp), tree_(levels) {}

  const Tree& tree() const { return tree_; }
  uint64_t entries_written() const { return entries_written_; }  // by flushes and merges

  // A new table in level 0, unless there is nothing to hold.
  void Flush(Entries entries) {
    if (entries.empty()) return;
    SortEntries(&entries, cmp_);
    entries_written_ += entries.size();
    const FileMeta table = NewTable(std::move(entries));
    Insert(&tree_.levels[0], table, table.number);
  }

  // Applies a job. The last of `snapshots` is the newest sequence.
  Status Compact(const CompactionJob& job, const std::vector<SequenceNumber>& snapshots) {
    LSM_ASSIGN_OR_RETURN(const std::vector<FileMeta> outputs, Run(job, snapshots));
    return Install(job, outputs);
  }

  // The first half of Compact: other jobs may be installed before this one is.
  Result<std::vector<FileMeta>> Run(const CompactionJob& job,
                                    const std::vector<SequenceNumber>& snapshots) {
    if (job.expired) return std::vector<FileMeta>();
    if (!job.trivial_move) return MergeInputs(job, snapshots);
    std::vector<FileMeta> outputs;
    for (const FileRef& file : AllInputs(job)) outputs.push_back(*file);
    return outputs;
  }
  Status Install(const CompactionJob& job, const std::vector<FileMeta>& outputs) {
    for (const InputRun& run : job.inputs) {
      LSM_RETURN_IF_ERROR(Remove(&tree_.levels[static_cast<size_t>(run.level)], run.files));
    }
    for (const FileMeta& file : outputs) {
      Insert(&tree_.levels[static_cast<size_t>(job.output_level)], file, job.output_run);
    }
    if (!job.compact_pointer.empty()) {
      tree_.compact_pointers[static_cast<size_t>(job.level)] = job.compact_pointer;
    }
    return CheckTree(tree_, cmp_);
  }

  std::optional<std::string> Get(std::string_view user_key, SequenceNumber sequence) const {
    for (const Level& level : tree_.levels) {
      for (const SortedRun& run : level.runs) {
        for (const FileRef& file : OverlappingFiles(run, cmp_, user_key, user_key)) {
          for (const Entry& entry : contents_.at(file->number)) {
            ParsedInternalKey key;
            LSM_CHECK(ParseInternalKey(entry.key, &key));
            if (key.user_key != user_key || key.sequence > sequence) continue;
            if (key.type == ValueType::kDeletion) return std::nullopt;
            return entry.value;
          }
        }
      }
    }
    return std::nullopt;
  }

 private:
  FileMeta NewTable(Entries entries) {
    FileMeta file;
    file.number = next_number_++;
    file.bytes = entries.size() * kEntryBytes;
    file.smallest = entries.front().key;
    file.largest = entries.back().key;
    contents_[file.number] = std::move(entries);
    return file;
  }

  Result<std::vector<FileMeta>> MergeInputs(const CompactionJob& job,
                                            const std::vector<SequenceNumber>& snapshots) {
    Entries all;
    for (const FileRef& file : AllInputs(job)) {
      const Entries& entries = contents_.at(file->number);
      all.insert(all.end(), entries.begin(), entries.end());
    }
    SortEntries(&all, cmp_);
    VectorSource input(cmp_, std::move(all));
    SurvivalRule rule(cmp_, snapshots, BottomTest(tree_, job, cmp_));
    RecordingSink sink;
    RecordingObserver observer;
    MergeStatistics statistics;
    LSM_RETURN_IF_ERROR(MergeTables(&input, &rule, options_.max_file_bytes, job.grandparents, cmp_,
                                    &sink, &statistics, &observer));
    std::vector<FileMeta> outputs;
    for (const Entries& output : sink.outputs()) outputs.push_back(NewTable(output));
    entries_written_ += statistics.entries_out;
    return outputs;
  }

  static Status Remove(Level* level, const std::vector<FileRef>& files) {
    for (const FileRef& file : files) {
      size_t found = 0;
      for (SortedRun& run : level->runs) found += std::erase(run, file);
      if (found != 1) {
        return Status::Corruption("the job's table " + std::to_string(file->number) + " stands " +
                                  std::to_string(found) + " times in its level");
      }
    }
    std::erase_if(level->runs, [](const SortedRun& run) { return run.empty(); });
    return Status::Ok();
  }

  void Insert(Level* level, FileMeta file, uint64_t number) {
    file.run = number;
    auto run = std::find_if(level->runs.begin(), level->runs.end(),
                            [&](const SortedRun& other) { return RunNumber(other) <= number; });
    if (run == level->runs.end() || RunNumber(*run) != number) {
      run = level->runs.insert(run, SortedRun());
    }
    run->push_back(std::make_shared<FileMeta>(std::move(file)));
    std::sort(run->begin(), run->end(), [this](const FileRef& a, const FileRef& b) {
      return cmp_.Compare(a->smallest, b->smallest) < 0;
    });
  }

  PickerOptions options_;
  InternalKeyComparator cmp_;
  Tree tree_;
  std::map<uint64_t, Entries> contents_;  // of every table that ever was, by number
  uint64_t next_number_ = 1;
  uint64_t entries_written_ = 0;
};

}  // namespace lsm
