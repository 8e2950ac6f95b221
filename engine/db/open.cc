// Opening and closing.
//
// Open, step by step; a failure at any of them leaves the directory as a later open can use it:
//   1. the options are checked; the directory is looked at before anything in it is touched
//   2. LOCK is taken, the info log begins
//   3. the manifest is recovered, or a first one is made; every table it names must exist
//   4. the logs are replayed in order; full memtables become level 0 tables (recovery.cc)
//   5. a new log is created, files and directory are synced, one edit makes it all durable
//   6. files that nothing refers to are removed, the background threads start
#include "db/db_impl.h"

#include <fmt/format.h>

#include "base/marks.h"
#include "db/check_options.h"
#include "db/info_log.h"
#include "db/install_lock.h"
#include "db/writer.h"
#include "format/codec.h"
#include "format/table_facts.h"
#include "lsm/options_text.h"

namespace lsm {

Result<std::unique_ptr<DB>> DB::Open(const Options& options, const std::string& path) {
  LSM_RETURN_IF_ERROR(CheckOptions(options));
  auto db = std::make_unique<DBImpl>(options, path);
  LSM_RETURN_IF_ERROR(db->OpenOrCreate());
  return std::unique_ptr<DB>(std::move(db));
}

DBImpl::DBImpl(const Options& options, std::string dir)
    : options_(options),
      dir_(std::move(dir)),
      env_(options.env),
      cmp_(options.comparator),
      install_mu_(env_),
      mu_(env_),
      work_cv_(&mu_),
      progress_cv_(&mu_),
      backoff_us_(options.resume_backoff_us_min),
      view_mu_(env_) {}

DBImpl::~DBImpl() {
  // The caller who wanted the status has called Close himself.
  Close().IgnoreError();
}

// Looks before it touches: a directory with other things in it is left alone.
Status DBImpl::CheckDirectory(bool* exists) {
  *exists = false;
  if (!env_->FileExists(dir_)) {
    if (!options_.create_if_missing) {
      return Status::InvalidArgument(dir_ + " does not exist (create_if_missing is false)");
    }
    return env_->CreateDir(dir_);
  }
  LSM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_->ListDir(dir_));
  std::string data_file, foreign_file;
  for (const std::string& name : names) {
    const FileKind kind = ParseFileName(name).kind;
    if (kind == FileKind::kCurrent) *exists = true;
    if (kind == FileKind::kWal || kind == FileKind::kTable) data_file = name;
    if (kind == FileKind::kUnknown) foreign_file = name;
  }
  if (*exists) {
    if (options_.error_if_exists) {
      return Status::InvalidArgument(dir_ + " holds a database (error_if_exists is true)");
    }
    return Status::Ok();
  }
  if (!data_file.empty()) {
    return Status::Corruption(
        fmt::format("{0}/CURRENT is missing beside {1}: this is a damaged database, not a new one "
                    "(repair it with "
                    "'lsm repair {0}')",
                    dir_, data_file));
  }
  if (!foreign_file.empty()) {
    return Status::InvalidArgument(
        fmt::format("{} is no database: it holds {}", dir_, foreign_file));
  }
  if (!options_.create_if_missing) {
    return Status::InvalidArgument(dir_ + " holds no database (create_if_missing is false)");
  }
  return Status::Ok();
}

Status DBImpl::CreateOrRecoverVersions(bool exists) {
  VersionOptions version_options;
  version_options.env = env_;
  version_options.dir = dir_;
  version_options.comparator = options_.comparator;
  version_options.num_levels = options_.num_levels;
  const bool needs_facts = options_.policy == CompactionPolicy::kFifo ||
                           options_.file_pick == FilePick::kMostTombstones ||
                           options_.tombstone_age_max_us > 0 || options_.tombstone_retention_us > 0;
  if (needs_facts) version_options.complete = [this](FileMeta* file) { return LoadFacts(file); };
  // The entry of the directory, whoever made it: without it a power cut takes the whole database.
  if (!exists) LSM_RETURN_IF_ERROR(env_->SyncDir(ParentDirName(dir_)));
  auto versions =
      exists ? VersionSet::Recover(version_options) : VersionSet::Create(version_options);
  if (!versions.ok()) return versions.status();
  versions_ = std::move(*versions);
  // What was found may have been made by a process that did not live to sync the directory. Before
  // new files stand beside it, it must be durable: a power cut could keep them and lose CURRENT.
  if (exists) LSM_RETURN_IF_ERROR(env_->SyncDir(dir_));
  LSM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_->ListDir(dir_));
  for (const std::string& name : names) versions_->MarkFileNumberUsed(ParseFileName(name).number);
  live_trees_.push_back(versions_->current());
  for (const Level& level : versions_->current()->levels) tables_at_open_ += level.Files();
  manifest_number_ = versions_->manifest_number();
  last_sequence_ = flushed_sequence_ = versions_->last_sequence();
  Emit(event::RecoveryStep{exists ? "manifest" : "created", versions_->manifest_number(), 0, 0});
  if (exists && options_.listener != nullptr) {
    VersionEdit found;
    const Tree& tree = *versions_->current();
    for (size_t level = 0; level < tree.levels.size(); ++level) {
      for (const SortedRun& run : tree.levels[level].runs) {
        for (const FileRef& file : run) found.added.emplace_back(static_cast<int>(level), *file);
      }
    }
    EmitInstalled(found);
  }
  return exists ? CheckTablesExist() : Status::Ok();
}

Status DBImpl::LoadFacts(FileMeta* file) {
  LSM_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table, tables_->Get(file->number));
  LSM_ASSIGN_OR_RETURN(const std::string bytes, table->ReadFacts());
  if (bytes.empty() || DecodeFacts(bytes, &file->facts)) return Status::Ok();
  return Status::Corruption(
      fmt::format("{}: block lsm.facts is damaged", TableFileName(dir_, file->number)));
}

Status DBImpl::CheckTablesExist() {
  for (const Level& level : versions_->current()->levels) {
    for (const SortedRun& run : level.runs) {
      for (const FileRef& file : run) {
        auto size = env_->FileSize(TableFileName(dir_, file->number));
        if (!size.ok()) size = env_->FileSize(LegacyTableFileName(dir_, file->number));
        if (!size.ok()) {
          return Status::Corruption(
              fmt::format("table {} is missing", TableFileName(dir_, file->number)));
        }
        if (*size != file->bytes) {
          return Status::Corruption(fmt::format("table {} has {} bytes, the manifest says {}",
                                                TableFileName(dir_, file->number), *size,
                                                file->bytes));
        }
        if (!CodecAvailable(file->compression)) {
          return Status::NotSupported(
              fmt::format("table {} was written with {}, which this build lacks",
                          TableFileName(dir_, file->number), CodecName(file->compression)));
        }
      }
    }
  }
  return Status::Ok();
}

Status DBImpl::OpenOrCreate() {
  bool exists = false;
  LSM_RETURN_IF_ERROR(CheckDirectory(&exists));
  LSM_ASSIGN_OR_RETURN(lock_, env_->LockFile(LockFileName(dir_)));
  if (options_.info_log == nullptr) owned_logger_ = OpenInfoLog(env_, dir_);
  logger_ = owned_logger_ != nullptr ? owned_logger_.get() : options_.info_log;

  if (options_.block_cache_bytes > 0) {
    cache_ = std::make_unique<BlockCache>(env_, options_.block_cache_bytes);
  }
  TableCacheOptions tables;
  tables.env = env_;
  tables.dir = dir_;
  tables.read_io = options_.read_io;
  tables.max_open_files = static_cast<size_t>(options_.max_open_files);
  tables.table.comparator = cmp_;
  tables.table.verify_checksums = options_.verify_checksums;
  tables.table.cache = cache_.get();
  tables.table.counters = &counters_.tables;
  tables_ = std::make_unique<TableCache>(std::move(tables));
  picker_ = std::make_unique<CompactionPicker>(PickerOptionsOf(options_), cmp_);
  if (options_.background_bytes_per_second > 0) {
    limiter_ = std::make_unique<RateLimiter>(env_, options_.background_bytes_per_second);
  }
  jobs_ = std::make_unique<JobQueue>(options_.max_background_jobs, picker_.get(), cmp_);

  LSM_RETURN_IF_ERROR(CreateOrRecoverVersions(exists));
  VersionEdit edit;
  LSM_RETURN_IF_ERROR(ReplayLogs(&edit));
  LSM_RETURN_IF_ERROR(BeginFirstLog(&edit));
  {
    MutexLock lock(&mu_);
    LSM_RETURN_IF_ERROR(FindOrphans());
    CollectGarbage();
  }
  Log(LogLevel::kInfo,
      fmt::format("opened {}: last sequence {}, {} tables\n{}", dir_, last_sequence_.load(),
                  tables_at_open_, DescribeTree(*versions_->current())));
  for (const OptionInfo& option : DescribeOptions(options_)) {
    if (option.value == option.default_value) continue;
    Log(LogLevel::kInfo, fmt::format("option {} = {}", option.name, option.value));
  }
  Emit(event::Opened{last_sequence_, tables_at_open_});

  for (int i = 0; i < options_.max_background_jobs; ++i) {
    workers_.push_back(env_->StartThread(fmt::format("lsm-work-{}", i), [this] { WorkLoop(); }));
  }
  if (options_.wal_sync == WalSync::kInterval) {
    sync_thread_ = env_->StartThread("lsm-sync", [this] { SyncLoop(); });
  }
  return Status::Ok();
}

// Everything that was replayed stands in tables now. One edit makes the tables live and the old
// logs obsolete; before it is durable the old state is complete, after it the new one.
Status DBImpl::BeginFirstLog(VersionEdit* edit) {
  const uint64_t number = versions_->NewFileNumber();
  LSM_ASSIGN_OR_RETURN(auto log, LogFile::Create(env_, dir_, number, LogFileOptions()));
  LSM_RETURN_IF_ERROR(env_->SyncDir(dir_));
  flushed_sequence_ = last_sequence_;
  edit->log_number = number;
  edit->last_sequence = flushed_sequence_;
  active_ =
      LoggedMemTable{std::make_shared<MemTable>(cmp_), std::move(log), next_memtable_id_++, 0, 0};
  MutexLock lock(&mu_);
  InstallLock install(this);
  LSM_RETURN_IF_ERROR(Install(edit));
  PublishView();
  return Status::Ok();
}

Status DBImpl::Close() {
  {
    MutexLock lock(&mu_);
    if (closed_.exchange(true)) return Status::Ok();
    if (active_.log != nullptr) CollectGarbage();
    closing_ = true;
    if (limiter_ != nullptr) limiter_->SetLifted(true);
    work_cv_.SignalAll();
    progress_cv_.SignalAll();
    while (!writers_.empty()) progress_cv_.Wait();  // they see closed_ and leave
  }
  workers_.clear();  // joins: running flushes end, running compactions stop
  sync_thread_.reset();
  resume_thread_.reset();  // last: the others may have started it
  Status s = lock_ == nullptr || active_.log == nullptr ? Status::Ok() : CloseLogs();
  if (s.ok()) s = error_;
  if (logger_ != nullptr) Log(LogLevel::kInfo, "closed: " + s.ToString());
  if (lock_ != nullptr) Emit(event::Closed{s.ToString()});
  lock_.reset();
  return s;
}

Status DBImpl::CloseLogs() {
  MutexLock lock(&mu_);
  if (!error_.ok())
    return Status::Ok();  // the log's state is unknown: it must not be touched again
  LSM_RETURN_IF_ERROR(SyncLogs(UnsyncedLogs()));
  for (LoggedMemTable& memtable : sealed_) LSM_RETURN_IF_ERROR(memtable.log->Close());
  return active_.log->Close();
}

}  // namespace lsm
