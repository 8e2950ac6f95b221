// Background threads, installation of edits, and recovery from background errors.
//
// A background error (a failed log write, sync, flush, compaction or edit) stops writing: nothing
// is acknowledged that might not survive. Resume, by hand or after a full disk by itself:
//   1. runs as leader of the write queue, when the jobs at work have ended
//   2. begins a new log: the end of the old one is unknown and is never appended to
//   3. begins a new manifest, for the same reason
//   4. flushes every memtable to a synced table, under new file numbers in the order of sealing: an
//      edit that failed may yet be in the old manifest, and its tables must stay as they are
//   5. names the new log in an edit; from then on nothing depends on the old files, writes go on.
//      The numbers of the group that failed may stand in the old log and are passed over: what new
//      space shows of that log later must not look like the next update (recovery.cc)
#include <algorithm>

#include <fmt/format.h>

#include "base/marks.h"
#include "db/compaction_run.h"
#include "db/db_impl.h"
#include "db/install_lock.h"
#include "db/writer.h"

namespace lsm {

Status DBImpl::Install(VersionEdit* edit) {
  if (!edit->last_sequence.has_value()) edit->last_sequence = flushed_sequence_;
  const uint64_t old_manifest = manifest_number_;
  installing_ = true;
  Status s;
  {
    MutexUnlock unlock(&mu_);
    SchedulePoint(env_, "install");
    s = versions_->Apply(*edit);
  }
  installing_ = false;
  LSM_RETURN_IF_ERROR(s);
  std::erase_if(live_trees_, [](const std::weak_ptr<const Tree>& tree) { return tree.expired(); });
  live_trees_.push_back(versions_->current());
  log_number_ = versions_->log_number();
  manifest_number_ = versions_->manifest_number();
  if (manifest_number_ != old_manifest) {
    garbage_.push_back({FileKind::kManifest, old_manifest});
  }
  if (options_.listener != nullptr) EmitInstalled(*edit);
  return Status::Ok();
}

void DBImpl::EmitInstalled(const VersionEdit& edit) {
  event::VersionInstalled installed;
  installed.manifest = manifest_number_;
  installed.last_sequence = versions_->last_sequence();
  installed.log_number = log_number_;
  for (const auto& [level, file] : edit.added) {
    installed.added.push_back({file.number, level, file.run, file.bytes,
                               std::string(ExtractUserKey(file.smallest)),
                               std::string(ExtractUserKey(file.largest))});
  }
  for (const auto& [level, number] : edit.removed) installed.removed.push_back(number);
  Emit(std::move(installed));
}

void DBImpl::SetError(const char* where, const Status& status) {
  const Status error(status.code(), fmt::format("{}: {}", where, status.message()));
  Log(LogLevel::kError, fmt::format("background error, writing stops: {}", error.ToString()));
  // The first error stands, but for a full disk: the engine resumes from that by itself, and must
  // not so forget a worse one.
  if (error_.ok() || error_.code() == StatusCode::kNoSpace) error_ = error;
  StopJobs(true);
  if (error_.code() == StatusCode::kNoSpace && options_.auto_resume && resume_thread_ == nullptr &&
      !closing_) {
    resume_thread_ = env_->StartThread("lsm-resume", [this] { ResumeLoop(); });
  }
  Emit(event::BackgroundError{where, status.ToString()});
  work_cv_.SignalAll();
  progress_cv_.SignalAll();
}

// Running jobs end at their next step, without installing anything.
void DBImpl::StopJobs(bool stop) {
  abandon_jobs_ = stop;
  if (limiter_ != nullptr) limiter_->SetLifted(stop || closing_);
}

void DBImpl::WorkLoop() {
  MutexLock lock(&mu_);
  while (!closing_) {
    if (!RunOneJob()) WaitForWorkOrTime();
  }
}

// The most urgent job that may begin; false if there is none.
bool DBImpl::RunOneJob() {
  if (!error_.ok() || resuming_) return false;
  LoggedMemTable* memtable = NextToFlush();
  if (memtable != nullptr && jobs_->MayBegin(JobClass::kFlush)) {
    if (jobs_->Running(JobClass::kFlush) > 0) LSM_MARK(flushes_at_once);
    jobs_->Enter(JobClass::kFlush);
    const Status s = FlushMemTable(memtable);
    jobs_->Leave(JobClass::kFlush);
    EndJob("flush", s);
    return true;
  }
  if (CompactionRun* run = RunToShare(); run != nullptr) {
    const JobClass c = ClassOf(run->job);
    jobs_->Enter(c);
    MergeNextPart(run);  // its result is the run's
    jobs_->Leave(c);
    work_cv_.SignalAll();
    progress_cv_.SignalAll();
    return true;
  }
  if (deleting_tables_) return false;
  const size_t requests = jobs_->Requests();
  const std::unique_ptr<QueuedJob> queued =
      jobs_->BeginCompaction(*versions_->current(), WallMicros());
  // Only if one was answered, having nothing to do: whoever stalls would wake the workers in turn.
  if (jobs_->Requests() < requests) progress_cv_.SignalAll();
  if (queued == nullptr) return false;
  const Status s = RunCompaction(queued->job);
  jobs_->EndCompaction(queued.get(), s.code() == StatusCode::kClosed && !error_.ok() ? error_ : s);
  EndJob("compaction", s);
  return true;
}

void DBImpl::EndJob(const char* where, const Status& s) {
  if (!s.ok() && s.code() != StatusCode::kClosed) SetError(where, s);
  work_cv_.SignalAll();  // what could not run beside it may begin
  progress_cv_.SignalAll();
  if (s.ok()) {
    backoff_us_ = options_.resume_backoff_us_min;
    CollectGarbage();
  }
}

// How a job ends that is stopped; never a background error itself.
Status DBImpl::StoppedJob() const {
  return Status::Closed(closing_ ? "database is closing" : "stopped by a background error");
}

// Resumes by itself after a full disk.
void DBImpl::ResumeLoop() {
  MutexLock lock(&mu_);
  while (!closing_) {
    if (error_.code() != StatusCode::kNoSpace || resuming_) {
      work_cv_.Wait();
      continue;
    }
    if (!WaitForBackoff()) continue;
    Writer w(&mu_, Writer::Kind::kResume, false);
    w.automatic = true;
    MutexUnlock unlock(&mu_);
    Commit(&w).IgnoreError();  // a failure stands in error_, and the wait has doubled
  }
}

// Until somebody signals, or time alone makes a compaction due.
void DBImpl::WaitForWorkOrTime() {
  const uint64_t now_us = WallMicros();
  const uint64_t due_us = picker_->NextDue(*versions_->current(), now_us);
  if (due_us == UINT64_MAX) {
    work_cv_.Wait();
  } else {
    work_cv_.WaitFor(due_us - now_us);
  }
}

// Options::wal_sync == kInterval: as a writer of nothing, so that the log keeps a single owner.
void DBImpl::SyncLoop() {
  MutexLock lock(&mu_);
  SequenceNumber synced = last_sequence_;
  uint64_t due_us = env_->NowMicros() + options_.wal_sync_interval_us;
  while (!closing_) {
    const uint64_t now_us = env_->NowMicros();
    if (now_us < due_us) {
      work_cv_.WaitFor(due_us - now_us);
      continue;
    }
    due_us = now_us + options_.wal_sync_interval_us;
    const SequenceNumber last = last_sequence_;
    if (last == synced || !error_.ok()) continue;
    Writer w(&mu_, Writer::Kind::kSync, true);
    MutexUnlock unlock(&mu_);
    if (Commit(&w).ok()) synced = last;  // a failure stands in error_
  }
}

bool DBImpl::HasWork() {
  return !sealed_.empty() || !jobs_->Idle() || removals_running_ > 0 || jobs_->Requests() > 0 ||
         picker_->Pick(*versions_->current(), {}, WallMicros()).has_value();
}

Status DBImpl::WaitForBackgroundWork() {
  MutexLock lock(&mu_);
  LSM_RETURN_IF_ERROR(CheckOpen());
  while (error_.ok() && !closing_ && HasWork()) progress_cv_.Wait();
  if (!error_.ok()) return error_;
  CollectGarbage();  // what a reader held when the last job ended
  return CheckOpen();
}

// False if the wait ended because something changed.
bool DBImpl::WaitForBackoff() {
  const uint64_t until = env_->NowMicros() + backoff_us_;
  while (!closing_ && error_.code() == StatusCode::kNoSpace) {
    const uint64_t now = env_->NowMicros();
    if (now >= until) {
      backoff_us_ = std::min(2 * backoff_us_, options_.resume_backoff_us_max);
      return true;
    }
    work_cv_.WaitFor(until - now);
  }
  return false;
}

Status DBImpl::Resume() {
  LSM_RETURN_IF_ERROR(CheckOpen());
  tables_->CloseAll();  // what could not be read is tried again
  Writer w(&mu_, Writer::Kind::kResume, false);
  return Commit(&w);
}

Status DBImpl::ResumeAsLeader(bool automatic) {
  if (error_.ok()) return Status::Ok();
  resuming_ = true;
  while (!jobs_->Idle()) progress_cv_.Wait();
  StopJobs(false);
  Status s = RecoverFromError();
  if (s.ok()) s = FindOrphans();
  resuming_ = false;
  if (s.ok()) {
    error_ = Status::Ok();
    LSM_MARK(resumed);
    Log(LogLevel::kInfo, "resumed after a background error");
    Emit(event::Resumed{automatic});
    CollectGarbage();
  } else {
    SetError("resume", s);
  }
  work_cv_.SignalAll();
  progress_cv_.SignalAll();
  return s;
}

Status DBImpl::RecoverFromError() {
  const uint64_t number = versions_->NewFileNumber();
  Result<std::unique_ptr<LogFile>> log = Status::Ok();
  Status s;
  {
    MutexUnlock unlock(&mu_);
    log = LogFile::Create(env_, dir_, number, LogFileOptions());
    s = log.ok() ? env_->SyncDir(dir_) : log.status();
  }
  LSM_RETURN_IF_ERROR(s);
  if (active_.table->Entries() > 0) {
    sealed_.push_back(active_);
  } else {
    garbage_.push_back({FileKind::kWal, active_.log->number()});
  }
  active_ =
      LoggedMemTable{std::make_shared<MemTable>(cmp_), std::move(*log), next_memtable_id_++, 0, 0};
  PublishView();
  {
    InstallLock install(this);
    {
      MutexUnlock unlock(&mu_);
      s = versions_->Rotate();
    }
    LSM_RETURN_IF_ERROR(s);
    garbage_.push_back({FileKind::kManifest, manifest_number_});
    manifest_number_ = versions_->manifest_number();
  }
  DiscardOutputs(std::exchange(doubtful_outputs_, {}));
  for (LoggedMemTable& memtable : sealed_) {
    if (memtable.flush == LoggedMemTable::Flush::kBuilt) DiscardOutputs({memtable.table_number});
    memtable.flush = LoggedMemTable::Flush::kWaiting;
    memtable.table_number = versions_->NewFileNumber();
  }
  while (!sealed_.empty()) LSM_RETURN_IF_ERROR(FlushMemTable(&sealed_.front()));
  InstallLock install(this);
  last_sequence_ = flushed_sequence_ = std::max(last_sequence_.load(), logged_sequence_);
  VersionEdit edit;
  edit.log_number = active_.log->number();
  LSM_RETURN_IF_ERROR(Install(&edit));
  PublishView();
  return Status::Ok();
}

}  // namespace lsm
