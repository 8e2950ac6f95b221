// CompactionRun: one running merge: its job, its outputs, and the sink and observer of MergeTables.
// ManualCompaction: a request of CompactRange, on its caller's stack.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "db/db_impl.h"

namespace lsm {

struct DBImpl::ManualCompaction {
  int level = 0, output_level = 1;
  std::string_view begin, end;  // user keys, inclusive; null data(): open
  bool running = false;
  bool done = false;
  Status status{};  // once done
};

struct DBImpl::CompactionRun {
  CompactionRun(DBImpl* owner, const CompactionJob& picked, uint64_t job_id)
      : db(owner),
        job(picked),
        id(job_id),
        sink{this, TableWriter(owner->options_, Target(*owner, picked), owner->dir_, owner->cmp_,
                               owner->tables_.get())} {
    uint64_t newest_us = 0, oldest_tombstone_us = UINT64_MAX;
    for (const FileRef& file : AllInputs(job)) {
      newest_us = std::max(newest_us, file->facts.newest_us);
      if (file->facts.oldest_tombstone_us == 0) continue;
      oldest_tombstone_us = std::min(oldest_tombstone_us, file->facts.oldest_tombstone_us);
    }
    // A tombstone that survives at the bottom is a snapshot's: it is tried again one age later.
    if (job.at_bottom) oldest_tombstone_us = db->WallMicros();
    sink.writer.SetTimes(newest_us, oldest_tombstone_us);
  }

  static TableTarget Target(const DBImpl& db, const CompactionJob& job) {
    const TreeShape shape = ShapeAfter(*db.versions_->current(), job);
    return TargetOf(db.options_, shape, job.output_level);
  }

  // The observer.
  void OnDropped(const ParsedInternalKey& key, Survival survival) {
    if (db->options_.listener == nullptr) return;
    const char* rule = survival == Survival::kDropShadowed ? "shadowed" : "tombstone";
    db->Emit(event::CompactionDropped{id, std::string(key.user_key), key.sequence, rule});
  }
  Status Poll() {
    SchedulePoint(db->env_, "compaction");
    return db->closing_ ? Status::Closed("database is closing") : Status::Ok();
  }

  struct Sink {
    CompactionRun* run;
    TableWriter writer;

    Status Add(std::string_view key, std::string_view value) {
      if (!writer.IsOpen()) LSM_RETURN_IF_ERROR(run->OpenOutput());
      return writer.Add(key, value);
    }
    Status Cut() {
      if (!writer.IsOpen()) return Status::Ok();
      const uint64_t entries = writer.Entries();
      LSM_ASSIGN_OR_RETURN(FileMeta meta, writer.Finish());
      run->bytes_written += meta.bytes;
      run->db->Emit(event::CompactionOutput{run->id, meta.number, meta.bytes, entries});
      run->outputs.push_back(std::move(meta));
      return Status::Ok();
    }
    uint64_t OutputBytes() const { return writer.FileBytes(); }
  };

  Status OpenOutput() {
    const uint64_t number = db->versions_->NewFileNumber();
    {
      MutexLock lock(&db->mu_);
      db->pending_outputs_.insert(number);
      output_numbers.push_back(number);
    }
    return sink.writer.Open(number);
  }

  DBImpl* const db;
  const CompactionJob& job;
  const uint64_t id;
  Sink sink;
  std::vector<uint64_t> output_numbers;  // also of outputs that failed
  std::vector<FileMeta> outputs;
  MergeStatistics statistics;
  uint64_t bytes_read = 0, bytes_written = 0;
};

}  // namespace lsm
