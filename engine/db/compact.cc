// Compaction: runs the jobs that the compaction stage picks.
//
//   1. pick, under the mutex, from the newest tree and without files of other jobs
//   2. a trivial move is an edit and nothing else
//   3. otherwise sample the snapshots, merge the inputs into new tables, sync tables and directory
//   4. install one edit: inputs out, outputs in; the inputs are garbage from then on
// The snapshots are sampled after the pick: every update in the inputs is older than the sample, so
// a snapshot that is taken later sees what the newest boundary preserves.
#include "db/compaction_run.h"

#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"
#include "db/install_lock.h"
#include "db/run_iterator.h"

namespace lsm {

std::optional<CompactionJob> DBImpl::PickJob() {
  if (deleting_tables_) return std::nullopt;
  const std::shared_ptr<const Tree> tree = versions_->current();
  while (!manual_.empty()) {
    ManualCompaction* manual = manual_.front();
    auto job = picker_->PickRange(*tree, manual->level, manual->output_level, manual->begin,
                                  manual->end, busy_);
    manual->running = true;
    if (job.has_value()) {
      job->trivial_move = false;  // asked for by hand: rewrite, so that tombstones can go
      return job;
    }
    FinishManual(Status::Ok());  // nothing in the range
  }
  return picker_->Pick(*tree, busy_, WallMicros());
}

// Answers the request whose job has ended, if it was one.
void DBImpl::FinishManual(const Status& status) {
  if (manual_.empty() || !manual_.front()->running) return;
  manual_.front()->done = true;
  manual_.front()->status = status;
  manual_.pop_front();
  progress_cv_.SignalAll();
}

Status DBImpl::RunCompaction(const CompactionJob& job) {
  const uint64_t id = next_job_id_++;
  if (options_.listener != nullptr) {
    event::CompactionPicked picked{id, job.level, job.output_level, {}, {}, job.reason};
    for (const InputRun& run : job.inputs) {
      auto* numbers = run.level == job.level ? &picked.inputs : &picked.next_inputs;
      for (const FileRef& file : run.files) numbers->push_back(file->number);
    }
    Emit(std::move(picked));
  }
  Log(LogLevel::kInfo, fmt::format("compaction {}: level {} to {}: {}", id, job.level,
                                   job.output_level, job.reason));
  const std::vector<FileRef> inputs = AllInputs(job);
  for (const FileRef& file : inputs) busy_.insert(file->number);
  Status s;
  if (job.expired) {
    s = ExpireTables(job, id);
  } else if (job.trivial_move) {
    s = MoveTables(job, id);
  } else {
    CompactionRun run(this, job, id);
    s = MergeJob(&run);
    if (s.ok()) {
      s = InstallCompaction(&run);
    } else {
      DiscardOutputs(run.output_numbers);
    }
    Add(counters_.compaction_bytes_read, run.bytes_read);
    Add(counters_.compaction_bytes_written, run.bytes_written);
    Emit(event::CompactionEnd{id, run.bytes_read, run.bytes_written, run.statistics.entries_in,
                              run.statistics.entries_out, s.ok()});
  }
  for (const FileRef& file : inputs) busy_.erase(file->number);
  return s;
}

Status DBImpl::MoveTables(const CompactionJob& job, uint64_t id) {
  InstallLock install(this);
  VersionEdit edit;
  for (const InputRun& run : job.inputs) {
    for (const FileRef& file : run.files) {
      edit.removed.emplace_back(run.level, file->number);
      edit.added.emplace_back(job.output_level, *file).second.run = job.output_run;
    }
  }
  if (!job.compact_pointer.empty())
    edit.compact_pointers.emplace_back(job.level, job.compact_pointer);
  LSM_RETURN_IF_ERROR(Install(&edit));
  PublishView();
  LSM_MARK(trivial_move);
  Add(counters_.trivial_moves);
  for (const auto& [level, number] : edit.removed) {
    Emit(event::CompactionMoved{id, number, level, job.output_level});
  }
  return Status::Ok();
}

Status DBImpl::ExpireTables(const CompactionJob& job, uint64_t id) {
  InstallLock install(this);
  VersionEdit edit;
  for (const FileRef& file : AllInputs(job)) edit.removed.emplace_back(job.level, file->number);
  LSM_RETURN_IF_ERROR(Install(&edit));
  PublishView();
  for (const FileRef& file : AllInputs(job)) {
    garbage_.push_back({FileKind::kTable, file->number});
    Add(counters_.tables_expired);
    Emit(event::TableExpired{id, file->number, file->facts.last_sequence});
  }
  return Status::Ok();
}

// Whether a tombstone of the inputs may have been flushed less than tombstone_retention_us ago.
bool DBImpl::WithinRetention(const CompactionJob& job) const {
  if (options_.tombstone_retention_us == 0) return false;
  const uint64_t now_us = WallMicros();
  for (const FileRef& file : AllInputs(job)) {
    const TableFacts& facts = file->facts;
    if (facts.tombstones > 0 && facts.newest_us + options_.tombstone_retention_us > now_us) {
      return true;
    }
  }
  return false;
}

Status DBImpl::MergeJob(CompactionRun* run) {
  const CompactionJob& job = run->job;
  std::vector<SequenceNumber> boundaries = snapshots_.Boundaries(last_sequence_);
  const std::shared_ptr<const Tree> tree = versions_->current();
  MutexUnlock unlock(&mu_);

  std::vector<RunIterator> sources;
  sources.reserve(job.inputs.size());
  for (const InputRun& input : job.inputs) {
    sources.emplace_back(&input.files, &cmp_, tables_.get(), false);
    for (const FileRef& file : input.files) run->bytes_read += file->bytes;
  }

  MergingIterator<RunIterator> input(cmp_, std::move(sources));
  BottomTest bottom(*tree, job, cmp_);
  const bool keeps_tombstones = WithinRetention(job);
  SurvivalRule rule(cmp_, std::move(boundaries), [&](std::string_view user_key) {
    return !keeps_tombstones && bottom(user_key);
  });
  LSM_RETURN_IF_ERROR(MergeTables(&input, &rule, options_.max_file_bytes, job.grandparents, cmp_,
                                  &run->sink, &run->statistics, run));
  return env_->SyncDir(dir_);
}

Status DBImpl::InstallCompaction(CompactionRun* run) {
  const CompactionJob& job = run->job;
  InstallLock install(this);
  VersionEdit edit;
  for (const InputRun& input : job.inputs) {
    for (const FileRef& file : input.files) edit.removed.emplace_back(input.level, file->number);
  }
  for (const FileMeta& file : run->outputs) {
    edit.added.emplace_back(job.output_level, file).second.run = job.output_run;
  }
  if (!job.compact_pointer.empty())
    edit.compact_pointers.emplace_back(job.level, job.compact_pointer);
  if (Status s = Install(&edit); !s.ok()) {
    doubtful_outputs_.insert(doubtful_outputs_.end(), run->output_numbers.begin(),
                             run->output_numbers.end());
    return s;
  }
  for (const uint64_t number : run->output_numbers) pending_outputs_.erase(number);
  for (const auto& [level, number] : edit.removed) garbage_.push_back({FileKind::kTable, number});
  PublishView();
  Add(counters_.compactions);
  Add(counters_.entries_dropped, run->statistics.shadowed_dropped);
  Add(counters_.tombstones_dropped, run->statistics.tombstones_dropped);
  LevelCounters& to = counters_.level[static_cast<size_t>(job.output_level)];
  Add(to.compactions);
  Add(to.bytes_written, run->bytes_written);
  Add(to.entry_bytes_written, run->sink.writer.EntryBytes());
  for (const InputRun& input : job.inputs) {
    for (const FileRef& file : input.files) {
      Add(counters_.level[static_cast<size_t>(input.level)].bytes_read, file->bytes);
    }
  }
  return Status::Ok();
}

Status DBImpl::CompactLevel(int level, int output_level, std::string_view begin,
                            std::string_view end) {
  MutexLock lock(&mu_);
  LSM_RETURN_IF_ERROR(CheckOpen());
  ManualCompaction manual{level, output_level, begin, end};
  manual_.push_back(&manual);
  work_cv_.SignalAll();
  while (!manual.done && error_.ok() && !closing_) progress_cv_.Wait();
  if (manual.done) return manual.status;
  std::erase(manual_, &manual);
  return error_.ok() ? CheckOpen() : error_;
}

Status DBImpl::CompactRange(const CompactRangeOptions& options, std::string_view begin,
                            std::string_view end) {
  if (options.target_level < -1 || options.target_level >= options_.num_levels) {
    return Status::InvalidArgument(fmt::format("target_level = {} is outside [-1, {})",
                                               options.target_level, options_.num_levels));
  }
  if (options.level < -1 || options.level + 1 >= options_.num_levels) {
    return Status::InvalidArgument(
        fmt::format("level = {} is outside [-1, {}]: a level is merged into the next one",
                    options.level, options_.num_levels - 2));
  }
  if (options.level >= 0 && options.target_level >= 0) {
    return Status::InvalidArgument("level and target_level exclude each other: choose one");
  }
  LSM_RETURN_IF_ERROR(Flush());
  if (options.level >= 0) return CompactLevel(options.level, options.level + 1, begin, end);
  int target = options.target_level;
  if (target < 0) {
    target = 1;
    const std::shared_ptr<const Tree> tree = versions_->current();
    for (size_t level = 1; level < tree->levels.size(); ++level) {
      for (const SortedRun& run : tree->levels[level].runs) {
        if (!OverlappingFiles(run, cmp_, begin, end).empty()) target = static_cast<int>(level);
      }
    }
  }
  for (int level = 0; level < target; ++level) {
    LSM_RETURN_IF_ERROR(CompactLevel(level, level + 1, begin, end));
  }
  // A policy may keep several runs in the target: they become one, so that tombstones can go.
  return target > 0 ? CompactLevel(target, target, begin, end) : Status::Ok();
}

}  // namespace lsm
