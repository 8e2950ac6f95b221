// CompactionRun: one compaction that runs: its job, cut into parts, and what they made.
// Part: the sink and the observer of one MergeTables. A part has one thread; parts of a job may run
// side by side.
//
// What is marked with mu_ is guarded by the database's mutex; the rest belongs to the part's thread
// while it runs, and to the job's own thread before and after.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "db/db_impl.h"

namespace lsm {

struct DBImpl::CompactionRun {
  struct Part;

  CompactionRun(DBImpl* owner, const CompactionJob& picked, uint64_t job_id)
      : db(owner), job(picked), id(job_id) {}

  // The next part that nobody has begun; null if there is none, or if one has failed. (mu_)
  Part* NextPart() {
    return next_part < parts.size() && status.ok() ? parts[next_part].get() : nullptr;
  }

  DBImpl* const db;
  const CompactionJob& job;
  const uint64_t id;
  std::shared_ptr<const Tree> tree;                 // as it was when the job began
  std::vector<SequenceNumber> boundaries;           // of the snapshots then
  bool keeps_tombstones = false;                    // some are younger than their retention time
  uint64_t newest_us = 0, oldest_tombstone_us = 0;  // of the inputs; 0: unknown
  std::vector<std::string> cuts;                    // user keys with which parts 1, 2, ... begin
  std::vector<std::unique_ptr<Part>> parts;
  size_t next_part = 0;             // (mu_)
  size_t parts_running = 0;         // (mu_)
  Status status;                    // of the first part that failed (mu_)
  std::atomic<bool> failed{false};  // the same, for parts that run

  // Of all parts, once they have ended.
  std::vector<uint64_t> output_numbers;  // also of outputs that failed
  std::vector<FileMeta> outputs;
  MergeStatistics statistics;
  uint64_t bytes_read = 0, bytes_written = 0, entry_bytes = 0;
};

struct DBImpl::CompactionRun::Part {
  explicit Part(CompactionRun* r)
      : run(r),
        db(r->db),
        writer(db->options_, Target(*r), db->dir_, db->cmp_, db->tables_.get(), db->limiter_.get(),
               ClassOf(r->job)) {
    writer.SetTimes(run->newest_us, run->oldest_tombstone_us);
  }

  static TableTarget Target(const CompactionRun& run) {
    const TreeShape shape = ShapeAfter(*run.tree, run.job);
    return TargetOf(run.db->options_, shape, run.job.output_level);
  }

  // The observer.
  void OnDropped(const ParsedInternalKey& key, Survival survival) {
    if (db->options_.listener == nullptr) return;
    const char* rule = survival == Survival::kDropShadowed ? "shadowed" : "tombstone";
    db->Emit(event::CompactionDropped{run->id, std::string(key.user_key), key.sequence, rule});
  }
  Status Poll() {
    SchedulePoint(db->env_, "compaction");
    return db->closing_ || db->abandon_jobs_ || run->failed ? db->StoppedJob() : Status::Ok();
  }

  // The sink.
  Status Add(std::string_view key, std::string_view value) {
    if (!writer.IsOpen()) LSM_RETURN_IF_ERROR(OpenOutput());
    return writer.Add(key, value);
  }
  Status Cut() {
    if (!writer.IsOpen()) return Status::Ok();
    const uint64_t entries = writer.Entries();
    LSM_ASSIGN_OR_RETURN(FileMeta meta, writer.Finish());
    bytes_written += meta.bytes;
    db->Emit(event::CompactionOutput{run->id, meta.number, meta.bytes, entries});
    outputs.push_back(std::move(meta));
    return Status::Ok();
  }
  uint64_t OutputBytes() const { return writer.FileBytes(); }

  Status OpenOutput() {
    const uint64_t number = db->versions_->NewFileNumber();
    {
      MutexLock lock(&db->mu_);
      db->pending_outputs_.insert(number);
      output_numbers.push_back(number);
    }
    return writer.Open(number);
  }

  CompactionRun* const run;
  DBImpl* const db;
  TableWriter writer;
  std::vector<uint64_t> output_numbers;
  std::vector<FileMeta> outputs;
  MergeStatistics statistics;
  uint64_t bytes_written = 0;
};

}  // namespace lsm
