// Flush: a sealed memtable becomes a table of level 0. Several may be built at once; they are
// installed in the order of sealing.
//
//   1. the table file is written and synced      3. one edit adds it and moves log_number on
//   2. the directory is synced                   4. the memtable leaves the view, its log may go
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
  TableWriter writer(options_, TargetOf(options_, shape, 0), dir_, cmp_, tables_.get(),
                     limiter_.get(), JobClass::kFlush);
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

LoggedMemTable* DBImpl::NextToFlush() {
  for (LoggedMemTable& memtable : sealed_) {
    if (memtable.flush == LoggedMemTable::Flush::kWaiting) return &memtable;
  }
  return nullptr;
}

// The memtable stays where it is in sealed_: only InstallFlushed removes it, and only once built.
Status DBImpl::FlushMemTable(LoggedMemTable* memtable) {
  const std::shared_ptr<const MemTable> table = memtable->table;
  const uint64_t number = memtable->table_number;
  memtable->flush = LoggedMemTable::Flush::kBuilding;
  pending_outputs_.insert(number);
  Emit(event::FlushBegin{memtable->id, table->Entries()});
  Result<FileMeta> meta = Status::Ok();
  Status s;
  {
    MutexUnlock unlock(&mu_);
    meta = BuildTable(*table, number);
    s = meta.ok() ? env_->SyncDir(dir_) : meta.status();
  }
  if (!s.ok()) {
    memtable->flush = LoggedMemTable::Flush::kWaiting;
    DiscardOutputs({number});
    Emit(event::FlushEnd{memtable->id, number, 0, false});
    return s;
  }
  memtable->file = std::move(*meta);
  memtable->flush = LoggedMemTable::Flush::kBuilt;
  return InstallFlushed();
}

// Installs what is built, from the oldest memtable on, as one edit. A table that was built before
// an older one waits: the thread that builds the older one installs both.
Status DBImpl::InstallFlushed() {
  InstallLock install(this);
  if (abandon_jobs_) return StoppedJob();
  VersionEdit edit;
  size_t built = 0;
  for (; built < sealed_.size(); ++built) {
    if (sealed_[built].flush != LoggedMemTable::Flush::kBuilt) break;
    edit.added.emplace_back(0, sealed_[built].file);
  }
  if (built == 0) return Status::Ok();
  if (built > 1) LSM_MARK(flushes_installed_together);
  edit.log_number = (built < sealed_.size() ? sealed_[built] : active_).log->number();
  edit.last_sequence = sealed_[built - 1].last_sequence;
  const Status s = Install(&edit);
  for (size_t i = 0; i < built; ++i) {
    const LoggedMemTable& memtable = sealed_[i];
    Emit(event::FlushEnd{memtable.id, memtable.table_number, memtable.file.bytes, s.ok()});
  }
  LSM_RETURN_IF_ERROR(Status(s));  // the tables stay built: the manifest may name them
  if (jobs_->RunningCompactions() > 0) LSM_MARK(flush_during_compaction);
  Add(counters_.flushes, built);
  flushed_sequence_ = *edit.last_sequence;
  for (size_t i = 0; i < built; ++i) {
    garbage_.push_back({FileKind::kWal, sealed_.front().log->number()});
    pending_outputs_.erase(sealed_.front().table_number);
    sealed_.pop_front();
  }
  PublishView();
  return Status::Ok();
}

}  // namespace lsm
