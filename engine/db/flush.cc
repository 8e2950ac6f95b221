// Flush: the oldest sealed memtable becomes a table of level 0.
//
//   1. the table file is written and synced      3. one edit adds it and moves log_number on
//   2. the directory is synced                   4. the memtable leaves the view, its log is
//   garbage
// The directory's sync also makes the entry of the next memtable's log durable, which the edit
// names.
#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"
#include "db/install_lock.h"

namespace lsm {

Result<FileMeta> DBImpl::BuildTable(const MemTable& table, uint64_t number) {
  TreeShape shape = ShapeOf(*versions_->current());
  ++shape[0].runs;
  shape[0].bytes += table.MemoryUsage();
  TableWriter writer(options_, TargetOf(options_, shape, 0), dir_, cmp_, tables_.get());
  const uint64_t now_us = WallMicros();
  writer.SetTimes(now_us, now_us);
  LSM_RETURN_IF_ERROR(writer.Open(number));
  MemTable::Iterator it(&table);
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    LSM_RETURN_IF_ERROR(writer.Add(it.key(), it.value()));
  }
  LSM_ASSIGN_OR_RETURN(FileMeta meta, writer.Finish());
  meta.run = DefaultRun(0, number);
  Add(counters_.flush_bytes, meta.bytes);
  Add(counters_.level[0].bytes_written, meta.bytes);
  Add(counters_.level[0].entry_bytes_written, writer.EntryBytes());
  return meta;
}

Status DBImpl::FlushOldest() {
  const LoggedMemTable& oldest = sealed_.front();  // stays put: only a flush removes it
  const std::shared_ptr<const MemTable> table = oldest.table;
  const uint64_t number = oldest.table_number;
  const uint64_t id = oldest.id;
  flush_running_ = true;
  pending_outputs_.insert(number);
  Emit(event::FlushBegin{id, table->Entries()});
  Result<FileMeta> meta = Status::Ok();
  Status s;
  {
    MutexUnlock unlock(&mu_);
    meta = BuildTable(*table, number);
    s = meta.ok() ? env_->SyncDir(dir_) : meta.status();
  }
  if (s.ok()) {
    InstallLock install(this);
    VersionEdit edit;
    edit.added.emplace_back(0, *meta);
    edit.log_number = (sealed_.size() > 1 ? sealed_[1] : active_).log->number();
    edit.last_sequence = sealed_.front().last_sequence;
    s = Install(&edit);
    if (s.ok()) {
      if (compaction_running_) LSM_MARK(flush_during_compaction);
      Add(counters_.flushes);
      flushed_sequence_ = sealed_.front().last_sequence;
      garbage_.push_back({FileKind::kWal, sealed_.front().log->number()});
      sealed_.pop_front();
      pending_outputs_.erase(number);
      PublishView();
    } else {
      doubtful_outputs_.push_back(number);
    }
  } else {
    DiscardOutputs({number});
  }
  Emit(event::FlushEnd{id, number, meta.ok() ? meta->bytes : 0, s.ok()});
  flush_running_ = false;
  work_cv_.SignalAll();
  progress_cv_.SignalAll();
  return s;
}

}  // namespace lsm
