// The write path: group commit.
//
//   1. A writer queues up. The front of the queue is the leader; the others wait.
//   2. The leader makes room: pays what delay is owed, waits or rotates memtable and log
//   (MakeRoom).
//   3. It merges the batches behind it into one group (GatherGroup) and gives it sequence numbers.
//   4. Without the mutex: append to the log, sync if asked, insert into the memtable.
//   5. It publishes the last sequence number, and hands its followers their result.
// Log before memtable: a group whose append or sync failed is never inserted, its numbers are not
// used by another one, and the error stands until Resume.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"
#include "db/writer.h"

namespace lsm {
namespace {

// A group grows to this size, or by this much when its leader is small: a small write should not
// wait for large ones.
constexpr size_t kMaxGroupBytes = size_t{1} << 20;
constexpr size_t kSmallWriteBytes = size_t{128} << 10;

// Delays are collected until they are worth a sleep: the machine's shortest takes longer than what
// one small write owes.
constexpr uint64_t kMinDelayMicros = 1000;

Status CheckSizes(std::string_view key, std::string_view value) {
  if (key.size() > kMaxKeyBytes) {
    return Status::InvalidArgument(
        fmt::format("key of {} bytes is longer than {}", key.size(), kMaxKeyBytes));
  }
  if (value.size() > kMaxValueBytes) {
    return Status::InvalidArgument(
        fmt::format("value of {} bytes is longer than {}", value.size(), kMaxValueBytes));
  }
  return Status::Ok();
}

}  // namespace

Status DBImpl::Put(const WriteOptions& options, std::string_view key, std::string_view value) {
  LSM_RETURN_IF_ERROR(CheckSizes(key, value));
  Writer w(&mu_, Writer::Kind::kUpdate, options.sync);
  w.type = ValueType::kValue;
  w.key = key;
  w.value = value;
  return Commit(&w);
}

Status DBImpl::Delete(const WriteOptions& options, std::string_view key) {
  LSM_RETURN_IF_ERROR(CheckSizes(key, {}));
  Writer w(&mu_, Writer::Kind::kUpdate, options.sync);
  w.type = ValueType::kDeletion;
  w.key = key;
  return Commit(&w);
}

Status DBImpl::Write(const WriteOptions& options, const WriteBatch& batch) {
  if (batch.ByteSize() > kMaxKeyBytes + kMaxValueBytes) {
    return Status::InvalidArgument(fmt::format("batch of {} bytes is larger than {}",
                                               batch.ByteSize(), kMaxKeyBytes + kMaxValueBytes));
  }
  BatchReader reader(WriteBatchRep::Bytes(batch));
  while (reader.Next()) LSM_RETURN_IF_ERROR(CheckSizes(reader.key(), reader.value()));
  Writer w(&mu_, Writer::Kind::kBatch, options.sync);
  w.batch = &batch;
  return Commit(&w);
}

Status DBImpl::SyncWal() {
  Writer w(&mu_, Writer::Kind::kSync, true);
  return Commit(&w);
}

Status DBImpl::Flush() {
  {
    Writer w(&mu_, Writer::Kind::kSeal, false);
    LSM_RETURN_IF_ERROR(Commit(&w));
  }
  MutexLock lock(&mu_);
  const uint64_t sealed_before = active_.id;  // wait for what was sealed, not for later writes
  while (error_.ok() && !closing_ && !sealed_.empty() && sealed_.front().id < sealed_before) {
    progress_cv_.Wait();
  }
  if (!error_.ok()) return error_;
  return closing_ ? Status::Closed("database " + dir_ + " was closed during a flush")
                  : Status::Ok();
}

Status DBImpl::CheckOpen() const {
  return closed_ ? Status::Closed("database " + dir_ + " is closed") : Status::Ok();
}

Status DBImpl::Commit(Writer* w) {
  MutexLock lock(&mu_);
  LSM_RETURN_IF_ERROR(CheckOpen());
  writers_.push_back(w);
  while (!w->done && writers_.front() != w) w->cv.Wait();
  if (w->done) return w->status;
  Status s = w->kind == Writer::Kind::kResume ? ResumeAsLeader(w->automatic) : LeadGroup(w);
  // LeadGroup took its followers off the queue; the leader itself leaves last.
  LSM_DCHECK(writers_.front() == w);
  writers_.pop_front();
  if (!writers_.empty()) {
    writers_.front()->cv.Signal();
  } else if (closing_) {
    progress_cv_.SignalAll();
  }
  return s;
}

Status DBImpl::LeadGroup(Writer* w) {
  LSM_RETURN_IF_ERROR(MakeRoom(w));
  if (w->kind == Writer::Kind::kSeal) return Status::Ok();

  bool sync = w->sync;
  const size_t members = GatherGroup(w, &sync);
  const uint32_t count = group_.Count();
  sync |= options_.wal_sync == WalSync::kEveryWrite && count > 0;
  const SequenceNumber first = last_sequence_.load(std::memory_order_relaxed) + 1;
  const SequenceNumber last = first + count - 1;
  Status s;
  if (last > kMaxSequence) {
    s = Status::NotSupported("sequence numbers are used up");
  } else {
    WriteBatchRep::SetSequence(&group_, first);
    logged_sequence_ = last;
    const auto logs = sync ? UnsyncedLogs() : std::vector<std::shared_ptr<LogFile>>();
    MutexUnlock unlock(&mu_);
    const std::string_view batch = WriteBatchRep::Bytes(group_);
    if (count > 0) s = WriteGroup(batch, last);
    if (s.ok()) s = SyncLogs(logs);
    if (s.ok()) InsertGroup(batch, last);
  }
  if (s.ok()) {
    if (count > 0) active_.last_sequence = last;
    last_sequence_.store(last, std::memory_order_release);
    if (jobs_->Running(JobClass::kFlush) > 0 && count > 0) LSM_MARK(put_during_flush);
    OweDelay(group_.ByteSize());
    Emit(event::Write{first, count, members, group_.ByteSize(), sync});
  } else {
    SetError("write-ahead log", s);
  }
  if (members > 1) LSM_MARK(group_commit);
  for (size_t i = 1; i < members; ++i) {
    Writer* follower = writers_[1];
    writers_.erase(writers_.begin() + 1);
    follower->status = s;
    follower->done = true;
    if (!s.ok()) LSM_MARK(follower_of_failing_leader);
    follower->cv.Signal();
  }
  return s;
}

size_t DBImpl::GatherGroup(Writer* leader, bool* sync) {
  group_.Clear();
  leader->AppendTo(&group_);
  const size_t limit =
      group_.ByteSize() <= kSmallWriteBytes ? group_.ByteSize() + kSmallWriteBytes : kMaxGroupBytes;
  size_t members = 1;
  for (; members < writers_.size(); ++members) {
    const Writer* w = writers_[members];
    if (w->kind == Writer::Kind::kSeal || w->kind == Writer::Kind::kResume) break;
    if (w->sync && !*sync) break;  // an unsynced leader does not wait for a sync
    if (group_.ByteSize() + w->ByteSize() > limit) break;
    w->AppendTo(&group_);
  }
  return members;
}

Status DBImpl::WriteGroup(std::string_view batch, SequenceNumber last) {
  const uint64_t offset = active_.log->Size();
  LSM_RETURN_IF_ERROR(active_.log->Append(batch, last));
  const uint64_t bytes = active_.log->Size() - offset;
  Add(counters_.wal_bytes, bytes);
  Emit(event::WalAppend{active_.log->number(), offset, bytes});
  return Status::Ok();
}

// The logs that a sync must cover, oldest first: what is acknowledged as synced must not depend on
// bytes of an older log that may still be lost.
std::vector<std::shared_ptr<LogFile>> DBImpl::UnsyncedLogs() const {
  std::vector<std::shared_ptr<LogFile>> logs;
  for (const LoggedMemTable& older : sealed_) {
    if (older.log->HasUnsyncedRecords()) logs.push_back(older.log);
  }
  logs.push_back(active_.log);
  return logs;
}

Status DBImpl::SyncLogs(const std::vector<std::shared_ptr<LogFile>>& logs) {
  for (const std::shared_ptr<LogFile>& log : logs) {
    LSM_RETURN_IF_ERROR(log->Sync());
    Add(counters_.wal_syncs);
    Emit(event::WalSync{log->number(), log->Size()});
  }
  return Status::Ok();
}

void DBImpl::InsertGroup(std::string_view batch, SequenceNumber last) {
  BatchReader reader(batch);
  SequenceNumber sequence = WriteBatchRep::Sequence(group_);
  uint64_t deletes = 0;
  uint64_t bytes = 0;
  for (; reader.Next(); ++sequence) {
    active_.table->Add(sequence, reader.type(), reader.key(), reader.value());
    deletes += reader.type() == ValueType::kDeletion ? 1 : 0;
    bytes += reader.key().size() + reader.value().size();
  }
  LSM_CHECK(!reader.damaged() && sequence == last + 1);  // the batch was checked when it was made
  Add(counters_.puts, group_.Count() - deletes);
  if (deletes > 0) Add(counters_.deletes, deletes);
  if (group_.Count() > 0) Add(counters_.batches);
  Add(counters_.user_bytes_in, bytes);
}

Status DBImpl::MakeRoom(Writer* w) {
  const bool force = w->kind == Writer::Kind::kSeal;
  bool may_delay = !force;
  while (true) {
    if (!error_.ok()) {
      LSM_MARK(write_stopped_by_error);
      return error_;
    }
    LSM_RETURN_IF_ERROR(CheckOpen());
    if (w->kind == Writer::Kind::kSync) return Status::Ok();
    if (may_delay && delay_owed_us_ >= kMinDelayMicros) {
      may_delay = false;
      Slowdown();
    } else if (force && active_.table->Entries() == 0) {
      return Status::Ok();
    } else if (!force && active_.table->MemoryUsage() <= options_.memtable_bytes &&
               active_.log->Size() < options_.max_wal_bytes) {
      return Status::Ok();
    } else if (active_.table->Entries() == 0) {
      return Status::Ok();  // a limit smaller than an empty memtable: nothing to seal
    } else if (sealed_.size() >= static_cast<size_t>(options_.max_immutable_memtables)) {
      LSM_RETURN_IF_ERROR(StallUntil("immutable memtables"));
    } else if (l0_runs_ >= static_cast<size_t>(options_.l0_stop_trigger)) {
      LSM_RETURN_IF_ERROR(StallUntil("level 0 runs"));
    } else {
      LSM_RETURN_IF_ERROR(Rotate());
      if (force) return Status::Ok();
    }
  }
}

// While level 0 is over its slow-down trigger, what is written is owed for in time: at the trigger
// by Options::delayed_write_bytes_per_second, and for each run more once again. It counts bytes and
// not calls, so that grouping and batches make no difference between writers.
void DBImpl::OweDelay(size_t bytes) {
  const auto trigger = static_cast<size_t>(options_.l0_slowdown_trigger);
  if (l0_runs_ < trigger) {
    delay_owed_us_ = 0;
    return;
  }
  const uint64_t runs_over = l0_runs_ - trigger + 1;
  const double micros = 1e6 * static_cast<double>(bytes) * static_cast<double>(runs_over) /
                        static_cast<double>(options_.delayed_write_bytes_per_second);
  delay_owed_us_ += static_cast<uint64_t>(micros) + 1;
}

// The leader waits for what is owed, and with it whoever stands in the queue behind it. The delay
// ends early when level 0 has shrunk.
void DBImpl::Slowdown() {
  const uint64_t owed_us = std::exchange(delay_owed_us_, 0);
  const uint64_t until_us = env_->NowMicros() + owed_us;
  const auto trigger = static_cast<size_t>(options_.l0_slowdown_trigger);
  if (l0_runs_ > trigger) LSM_MARK(slowdown_grows);
  Add(counters_.slowdowns);
  Emit(event::Slowdown{"level 0 runs", l0_runs_, owed_us});
  while (error_.ok() && !closing_ && l0_runs_ >= trigger) {
    const uint64_t now_us = env_->NowMicros();
    if (now_us >= until_us) break;
    progress_cv_.WaitFor(until_us - now_us);
  }
}

// Waits for one step of background progress; the caller looks again.
Status DBImpl::StallUntil(const char* cause) {
  const uint64_t start = env_->NowMicros();
  const uint64_t flushes = Read(counters_.flushes);
  Add(counters_.stalls);
  Emit(event::StallBegin{cause, l0_runs_, sealed_.size()});
  work_cv_.SignalAll();
  progress_cv_.Wait();
  const uint64_t waited = env_->NowMicros() - start;
  Add(counters_.stall_us, waited);
  if (Read(counters_.flushes) > flushes) LSM_MARK(stall_released_by_flush);
  Emit(event::StallEnd{cause, waited});
  return Status::Ok();
}

WritableFileOptions DBImpl::LogFileOptions() const {
  WritableFileOptions file;
  file.io = options_.wal_io;
  file.preallocate_bytes = std::min(options_.memtable_bytes, options_.max_wal_bytes);
  return file;
}

// Seals the active memtable and begins a new one with a new log. Only the leader comes here.
Status DBImpl::Rotate() {
  const uint64_t number = versions_->NewFileNumber();
  Result<std::unique_ptr<LogFile>> log = Status::Ok();
  new_log_ = number;
  {
    MutexUnlock unlock(&mu_);
    log = LogFile::Create(env_, dir_, number, LogFileOptions());
  }
  new_log_ = 0;
  if (!log.ok()) {
    SetError("new write-ahead log", log.status());
    return log.status();
  }
  Emit(event::WalRotate{active_.log->number(), number});
  Emit(event::MemtableSealed{active_.id, active_.log->number(), active_.table->Entries(),
                             active_.table->MemoryUsage()});
  active_.table_number = versions_->NewFileNumber();
  sealed_.push_back(std::move(active_));
  if (sealed_.size() > 1) LSM_MARK(several_immutables);
  active_ = LoggedMemTable{std::make_shared<MemTable>(cmp_), std::move(*log), next_memtable_id_++};
  PublishView();
  work_cv_.SignalAll();
  return Status::Ok();
}

}  // namespace lsm
