// Compaction: runs the jobs that the compaction stage picks.
//
//   1. the JobQueue gives the next job, under the mutex, from the newest tree; several may run
//   2. a trivial move is an edit and nothing else
//   3. otherwise sample the snapshots, merge the inputs into new tables, a large job in parts that
//      threads with nothing more urgent to do share; sync tables and directory
//   4. install one edit: inputs out, outputs in; the inputs are garbage from then on
// The snapshots are sampled after the pick: every update in the inputs is older than the sample, so
// a snapshot that is taken later sees what the newest boundary preserves.
#include "db/compaction_run.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"
#include "db/install_lock.h"
#include "db/part_input.h"
#include "db/run_iterator.h"
#include "db/split_job.h"

namespace lsm {

namespace {

// A part of a job has at least the input of so many outputs: each part ends with an output of its
// own, which is cut early.
constexpr uint64_t kPartFiles = 2;

// The deepest level that holds keys of the range; 1 if none below level 0 does.
int DeepestLevel(const Tree& tree, const InternalKeyComparator& cmp, std::string_view begin,
                 std::string_view end) {
  for (size_t level = tree.levels.size(); --level > 1;) {
    for (const SortedRun& run : tree.levels[level].runs) {
      if (!OverlappingFiles(run, cmp, begin, end).empty()) return static_cast<int>(level);
    }
  }
  return 1;
}

}  // namespace

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
  return s;
}

Status DBImpl::MoveTables(const CompactionJob& job, uint64_t id) {
  InstallLock install(this);
  if (abandon_jobs_) return StoppedJob();
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
  if (abandon_jobs_) return StoppedJob();
  VersionEdit edit;
  for (const FileRef& file : AllInputs(job)) {
    edit.removed.emplace_back(job.level, file->number);
    Emit(event::TableExpired{id, file->number, file->facts.last_sequence,
                             std::string(ExtractUserKey(file->smallest)),
                             std::string(ExtractUserKey(file->largest))});
  }
  LSM_RETURN_IF_ERROR(Install(&edit));
  PublishView();
  for (const FileRef& file : AllInputs(job)) {
    garbage_.push_back({FileKind::kTable, file->number});
    Add(counters_.tables_expired);
    LSM_MARK(table_expired);
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
      LSM_MARK(tombstone_kept_for_its_age);
      return true;
    }
  }
  return false;
}

// How old what is merged is. Facts that no option asked for at the open are looked up now: what is
// merged must not lose its age, for the next open may ask.
Status DBImpl::FindAges(CompactionRun* run) {
  uint64_t oldest_tombstone_us = UINT64_MAX;
  for (const FileRef& file : AllInputs(run->job)) {
    FileMeta known = *file;
    if (known.facts.entries == 0) {
      MutexUnlock unlock(&mu_);
      LSM_RETURN_IF_ERROR(LoadFacts(&known));
    }
    run->newest_us = std::max(run->newest_us, known.facts.newest_us);
    if (known.facts.oldest_tombstone_us == 0) continue;
    oldest_tombstone_us = std::min(oldest_tombstone_us, known.facts.oldest_tombstone_us);
  }
  // A tombstone that survives at the bottom is a snapshot's: it is tried again one age later.
  if (run->job.at_bottom) oldest_tombstone_us = WallMicros();
  run->oldest_tombstone_us = oldest_tombstone_us == UINT64_MAX ? 0 : oldest_tombstone_us;
  return Status::Ok();
}

// Merges the job in parts: this thread, and others that find nothing more urgent to do.
Status DBImpl::MergeJob(CompactionRun* run) {
  const CompactionJob& job = run->job;
  LSM_RETURN_IF_ERROR(FindAges(run));
  run->boundaries = snapshots_.Boundaries(last_sequence_);
  run->tree = versions_->current();
  run->keeps_tombstones = WithinRetention(job);
  for (const FileRef& file : AllInputs(job)) run->bytes_read += file->bytes;
  const auto parts_max = static_cast<size_t>(jobs_->Limit(ClassOf(job)));
  run->cuts = SplitKeys(job, cmp_, parts_max, kPartFiles * options_.max_file_bytes);
  for (size_t i = 0; i <= run->cuts.size(); ++i) {
    run->parts.push_back(std::make_unique<CompactionRun::Part>(run));
  }
  shared_runs_.push_back(run);
  if (run->parts.size() > 1) work_cv_.SignalAll();
  while (run->NextPart() != nullptr) MergeNextPart(run);
  std::erase(shared_runs_, run);
  while (run->parts_running > 0) progress_cv_.Wait();
  for (const auto& part : run->parts) {
    run->output_numbers.insert(run->output_numbers.end(), part->output_numbers.begin(),
                               part->output_numbers.end());
    run->outputs.insert(run->outputs.end(), part->outputs.begin(), part->outputs.end());
    run->statistics += part->statistics;
    run->bytes_written += part->bytes_written;
    run->entry_bytes += part->writer.EntryBytes();
  }
  LSM_RETURN_IF_ERROR(Status(run->status));
  MutexUnlock unlock(&mu_);
  return env_->SyncDir(dir_);
}

// A part of a job that another thread runs, and that this thread may help with; null if none.
DBImpl::CompactionRun* DBImpl::RunToShare() {
  for (CompactionRun* run : shared_runs_) {
    if (run->NextPart() != nullptr && jobs_->MayBegin(ClassOf(run->job))) return run;
  }
  return nullptr;
}

void DBImpl::MergeNextPart(CompactionRun* run) {
  const size_t index = run->next_part++;
  if (run->parts_running++ > 0) LSM_MARK(subcompactions_at_once);
  Status s;
  {
    MutexUnlock unlock(&mu_);
    s = MergePart(run, index);
  }
  --run->parts_running;
  if (!s.ok() && run->status.ok()) {
    run->status = s;
    run->failed = true;
  }
  progress_cv_.SignalAll();
}

Status DBImpl::MergePart(CompactionRun* run, size_t index) {
  const CompactionJob& job = run->job;
  std::vector<RunIterator> sources;
  sources.reserve(job.inputs.size());
  for (const InputRun& input : job.inputs) {
    sources.emplace_back(&input.files, &cmp_, tables_.get(), false);
  }
  const std::string* begin = index == 0 ? nullptr : &run->cuts[index - 1];
  const std::string* end = index == run->cuts.size() ? nullptr : &run->cuts[index];
  PartInput input(cmp_, MergingIterator<RunIterator>(cmp_, std::move(sources)), begin, end);
  BottomTest bottom(*run->tree, job, cmp_);
  SurvivalRule rule(cmp_, run->boundaries, [&](std::string_view user_key) {
    return !run->keeps_tombstones && bottom(user_key);
  });
  CompactionRun::Part* part = run->parts[index].get();
  return MergeTables(&input, &rule, options_.max_file_bytes, job.grandparents, cmp_, part,
                     &part->statistics, part);
}

Status DBImpl::InstallCompaction(CompactionRun* run) {
  const CompactionJob& job = run->job;
  InstallLock install(this);
  if (abandon_jobs_) {
    DiscardOutputs(run->output_numbers);
    return StoppedJob();
  }
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
  Add(to.entry_bytes_written, run->entry_bytes);
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
  ManualRequest request{level, output_level, begin, end};
  jobs_->Ask(&request);
  work_cv_.SignalAll();
  // A worker that runs it knows where it stands: it must end there.
  while (request.running || (!request.done && error_.ok() && !closing_)) progress_cv_.Wait();
  if (request.done) return request.status;
  jobs_->Drop(&request);
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
  const auto target = [&] {
    return options.target_level >= 0 ? options.target_level
                                     : DeepestLevel(*versions_->current(), cmp_, begin, end);
  };
  // Other jobs may move the range further down meanwhile, so its target is asked for each time: a
  // tombstone that stayed above it could not go.
  int level = 0;
  do {
    for (; level < target(); ++level) {
      LSM_RETURN_IF_ERROR(CompactLevel(level, level + 1, begin, end));
    }
    // A policy may keep several runs in the target: they become one.
    if (level > 0) LSM_RETURN_IF_ERROR(CompactLevel(level, level, begin, end));
  } while (level < target());
  return Status::Ok();
}

}  // namespace lsm
