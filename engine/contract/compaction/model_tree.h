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

  // A new table in level 0, unless there is nothing to hold.
  void Flush(Entries entries) {
    if (entries.empty()) return;
    SortEntries(&entries, cmp_);
    auto& runs = tree_.levels[0].runs;
    runs.insert(runs.begin(), SortedRun{NewTable(std::move(entries))});
  }

  // Applies a job. The last of `snapshots` is the newest sequence.
  Status Compact(const CompactionJob& job, const std::vector<SequenceNumber>& snapshots) {
    const auto output_level = static_cast<size_t>(job.output_level);
    std::vector<FileRef> outputs = job.inputs;
    if (!job.trivial_move) {
      LSM_ASSIGN_OR_RETURN(outputs, MergeInputs(job, snapshots));
    }
    LSM_RETURN_IF_ERROR(Remove(&tree_.levels[static_cast<size_t>(job.level)], job.inputs));
    LSM_RETURN_IF_ERROR(Remove(&tree_.levels[output_level], job.next_inputs));
    Insert(&tree_.levels[output_level], outputs);
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
  FileRef NewTable(Entries entries) {
    auto file = std::make_shared<FileMeta>();
    file->number = next_number_++;
    file->bytes = entries.size() * kEntryBytes;
    file->smallest = entries.front().key;
    file->largest = entries.back().key;
    contents_[file->number] = std::move(entries);
    return file;
  }

  Result<std::vector<FileRef>> MergeInputs(const CompactionJob& job,
                                           const std::vector<SequenceNumber>& snapshots) {
    Entries all;
    for (const std::vector<FileRef>* files : {&job.inputs, &job.next_inputs}) {
      for (const FileRef& file : *files) {
        const Entries& entries = contents_.at(file->number);
        all.insert(all.end(), entries.begin(), entries.end());
      }
    }
    SortEntries(&all, cmp_);
    VectorSource input(cmp_, std::move(all));
    SurvivalRule rule(cmp_, snapshots, BottomTest(tree_, job, cmp_));
    RecordingSink sink;
    RecordingObserver observer;
    MergeStatistics statistics;
    LSM_RETURN_IF_ERROR(MergeTables(&input, &rule, options_.max_file_bytes, job.grandparents, cmp_,
                                    &sink, &statistics, &observer));
    std::vector<FileRef> outputs;
    for (const Entries& output : sink.outputs()) outputs.push_back(NewTable(output));
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

  void Insert(Level* level, const std::vector<FileRef>& files) {
    if (files.empty()) return;
    if (level->runs.empty()) level->runs.emplace_back();
    SortedRun& run = level->runs.front();
    run.insert(run.end(), files.begin(), files.end());
    std::sort(run.begin(), run.end(), [this](const FileRef& a, const FileRef& b) {
      return cmp_.Compare(a->smallest, b->smallest) < 0;
    });
  }

  PickerOptions options_;
  InternalKeyComparator cmp_;
  Tree tree_;
  std::map<uint64_t, Entries> contents_;  // of every table that ever was, by number
  uint64_t next_number_ = 1;
};

}  // namespace lsm
