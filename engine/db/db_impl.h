// DBImpl: the stages put together. One class, its work in one file a task:
//   open.cc        create, recover, close            write.cc       group commit, rotation, stalls
//   recovery.cc    replay of the logs                flush.cc       sealed memtable -> level 0
//   read.cc        Get, iterators, snapshots         compact.cc     picking, merging, manual work
//   multi_get.cc   Get of many keys                  delete_files.cc  tables leave as they are
//   sizes.cc       sizes of ranges
//   background.cc  threads, errors, Resume           garbage.cc     removal of obsolete files
//   admin.cc       properties, statistics, checks    checkpoint.cc  a second database
//
// Threads: clients; max_background_jobs workers, which take from the JobQueue; with
// WalSync::kInterval a sync thread; once the disk was full, a thread that resumes.
// Locks, in the order in which they may be taken: install_mu_, mu_, view_mu_.
//   mu_          all mutable state that says nothing else
//   install_mu_  held while an edit is applied: serialises VersionSet::Apply and Rotate
//   view_mu_     the pointer view_ alone: readers take it and nothing else
// The leader of the write queue (writers_.front()) alone changes active_ and writes its log; it
// works without mu_ while it appends, syncs and inserts.
//
// Invariants:
//   1. last_sequence_ is published after every update up to it stands in a memtable of view_.
//   2. sealed_ is in the order of sealing. Tables of several memtables may be built at once; they
//      are installed in that order and no other, so the log_number of an edit never passes
//      unflushed data.
//   3. A file is removed only after the edit that frees it is durable, and when no tree that a
//      reader may hold contains it.
//   4. While error_ is set no write is acknowledged, no file is removed, and what runs in the
//      background ends without installing anything.
//   5. The last_sequence of an edit is that of the newest flushed update, so that the first record
//      of the first live log must carry the next number: a lost head of a log shows as a gap.
//   6. Every number that stands in a log below an edit's log_number is at most its last_sequence,
//      also those of updates that failed or were not replayed: what new space shows of a removed
//      log is never taken for an update.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "db/counters.h"
#include "db/job_queue.h"
#include "db/log_file.h"
#include "db/rate_limiter.h"
#include "db/read_view.h"
#include "db/snapshot_list.h"
#include "db/stages.h"
#include "db/table_cache.h"
#include "db/table_writer.h"
#include "env/sync.h"
#include "format/batch.h"
#include "format/filename.h"
#include "lsm/db.h"
#include "lsm/event.h"

namespace lsm {

// A memtable with the log that holds the same updates.
struct LoggedMemTable {
  std::shared_ptr<MemTable> table;
  std::shared_ptr<LogFile> log;      // shared with a leader that syncs it while it is flushed
  uint64_t id = 0;                   // counts memtables of this open
  uint64_t table_number = 0;         // of the level 0 table; taken when it is sealed
  SequenceNumber last_sequence = 0;  // newest update in it
  enum class Flush : uint8_t { kWaiting, kBuilding, kBuilt } flush = Flush::kWaiting;
  FileMeta file{};  // of the level 0 table, once built
};

class DBImpl final : public DB {
 public:
  DBImpl(const Options& options, std::string dir);
  ~DBImpl() override;

  Status OpenOrCreate();  // once, before any other call

  Status Put(const WriteOptions& options, std::string_view key, std::string_view value) override;
  Status Delete(const WriteOptions& options, std::string_view key) override;
  Status Write(const WriteOptions& options, const WriteBatch& batch) override;
  Status Get(const ReadOptions& options, std::string_view key, std::string* value) override;
  std::vector<Status> MultiGet(const ReadOptions& options, std::span<const std::string_view> keys,
                               std::vector<std::string>* values) override;
  std::unique_ptr<Iterator> NewIterator(const ReadOptions& options) override;
  Status ApproximateSizes(const SizeOptions& options, std::span<const Range> ranges,
                          std::vector<uint64_t>* bytes) override;
  const Snapshot* GetSnapshot() override;
  void ReleaseSnapshot(const Snapshot* snapshot) override;
  Status Flush() override;
  Status SyncWal() override;
  Status CompactRange(const CompactRangeOptions& options, std::string_view begin,
                      std::string_view end) override;
  Result<uint64_t> DeleteFilesInRange(std::string_view begin, std::string_view end) override;
  Status WaitForBackgroundWork() override;
  Status Checkpoint(const std::string& path) override;
  Status Resume() override;
  bool GetProperty(std::string_view name, std::string* value) override;
  Statistics GetStatistics() override;
  Status CheckIntegrity(std::vector<std::string>* findings) override;
  Status Close() override;

  // An iterator let go of its view: files that only it kept may be removable now.
  void OnIteratorDone();

 private:
  struct Writer;
  struct CompactionRun;

  // --- open.cc, recovery.cc ---
  Status CheckDirectory(bool* exists);
  Status CreateOrRecoverVersions(bool exists);
  Status CheckTablesExist();
  Status LoadFacts(FileMeta* file);
  Status ReplayLogs(VersionEdit* edit);
  struct Replay;
  Status ReplayLog(uint64_t number, Replay* replay);
  void EndReplay(uint64_t number, uint64_t records, std::string_view reason, Replay* replay);
  Status FlushReplayed(Replay* replay);
  Status BeginFirstLog(VersionEdit* edit);
  Status CloseLogs();

  // --- write.cc ---
  Status Commit(Writer* w);
  Status LeadGroup(Writer* w);
  Status MakeRoom(Writer* w);
  size_t GatherGroup(Writer* leader, bool* sync);
  Status WriteGroup(std::string_view batch, SequenceNumber last);
  void InsertGroup(std::string_view batch, SequenceNumber last);
  std::vector<std::shared_ptr<LogFile>> UnsyncedLogs() const;
  Status SyncLogs(const std::vector<std::shared_ptr<LogFile>>& logs);
  Status Rotate();
  Status StallUntil(const char* cause);
  void Slowdown();
  void OweDelay(size_t bytes);
  WritableFileOptions LogFileOptions() const;

  // --- read.cc ---
  std::shared_ptr<const ReadView> View();
  void PublishView();  // requires mu_
  Status GetFromTables(const Tree& tree, const LookupKey& key, std::string* value);
  SequenceNumber SequenceOf(const ReadOptions& options) const;
  bool GetFromMemtables(const ReadView& view, const LookupKey& key, std::string* value,
                        Status* answer);
  struct TablePlace {
    uint64_t table;
    int level;
  };
  Status ProbeTable(const Table& table, Table::Iterator* iterator, const TablePlace& place,
                    uint64_t hash, const LookupKey& key, std::string* value, LookupState* state);
  Status GetThrough(Table::Iterator* iterator, uint64_t table, const LookupKey& key,
                    std::string* value, LookupState* state) const;

  // --- multi_get.cc, sizes.cc ---
  struct OpenLookup;
  void GetFromRun(const SortedRun& run, int level, std::deque<OpenLookup>* open);
  Result<uint64_t> BytesBefore(const FileMeta& file, std::string_view user_key);
  Result<uint64_t> FileBytes(const Tree& tree, const Range& range);

  // --- flush.cc ---
  LoggedMemTable* NextToFlush();                   // requires mu_; of sealed_; null: none waits
  Status FlushMemTable(LoggedMemTable* memtable);  // requires mu_; builds without it
  Status InstallFlushed();                         // requires mu_
  Result<FileMeta> BuildTable(const MemTable& table, uint64_t number);

  // --- compact.cc ---
  Status RunCompaction(const CompactionJob& job);  // requires mu_; works without it
  Status MoveTables(const CompactionJob& job, uint64_t id);
  Status ExpireTables(const CompactionJob& job, uint64_t id);
  Status FindAges(CompactionRun* run);
  bool WithinRetention(const CompactionJob& job) const;
  Status MergeJob(CompactionRun* run);     // requires mu_
  CompactionRun* RunToShare();             // requires mu_
  void MergeNextPart(CompactionRun* run);  // requires mu_; works without it
  Status MergePart(CompactionRun* run, size_t index);
  Status InstallCompaction(CompactionRun* run);
  Status CompactLevel(int level, int output_level, std::string_view begin, std::string_view end);

  // --- delete_files.cc ---
  Result<uint64_t> InstallDeletion(std::string_view begin, std::string_view end);  // requires mu_

  // --- background.cc ---
  class InstallLock;
  Status Install(VersionEdit* edit);  // requires InstallLock; applies without mu_; then publish
  void EmitInstalled(const VersionEdit& edit);
  void WorkLoop();
  bool RunOneJob();                                 // requires mu_; works without it
  void EndJob(const char* where, const Status& s);  // requires mu_
  void StopJobs(bool stop);                         // requires mu_
  Status StoppedJob() const;
  void WaitForWorkOrTime();  // requires mu_
  // The clock of ages on disk, in whole seconds: the monotonic one begins anew with the machine.
  uint64_t WallMicros() const { return env_->UnixSeconds() * 1'000'000; }
  void SetError(const char* where, const Status& status);  // requires mu_
  void ResumeLoop();
  void SyncLoop();
  bool HasWork();  // requires mu_
  Status ResumeAsLeader(bool automatic);
  Status RecoverFromError();
  bool WaitForBackoff();

  // --- checkpoint.cc ---
  Status FillCheckpoint(const Tree& tree, SequenceNumber sequence, const std::string& path);
  void RemoveCheckpoint(const std::string& path);

  // --- garbage.cc ---
  void CollectGarbage();  // requires mu_; removes without it
  struct Garbage {
    FileKind kind;
    uint64_t number;
  };
  std::string PathOf(const Garbage& file) const;
  Result<std::vector<Garbage>> Orphans();  // requires mu_
  Status FindOrphans();                    // requires mu_; CollectGarbage removes them

  // --- admin.cc ---
  void DescribeLevels(std::string* out);
  void DescribeStatistics(std::string* out);
  Status CheckTable(const FileMeta& file, size_t level, std::vector<std::string>* findings);
  Status CheckOrphans(std::vector<std::string>* findings);

  template <class E>
  void Emit(E&& event) {
    if (options_.listener != nullptr) options_.listener->OnEvent(Event(std::forward<E>(event)));
  }
  void Log(LogLevel level, std::string_view line) { logger_->Log(level, line); }
  // Table `number` was written and is not in the tree: removes it.
  void DiscardOutputs(const std::vector<uint64_t>& numbers);  // requires mu_
  Status CheckOpen() const;

  // --- constant after OpenOrCreate ---
  Options options_;
  const std::string dir_;
  Env* const env_;
  const InternalKeyComparator cmp_;
  std::unique_ptr<Logger> owned_logger_;
  Logger* logger_ = nullptr;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<BlockCache> cache_;
  std::unique_ptr<TableCache> tables_;
  std::unique_ptr<RateLimiter> limiter_;  // null: no limit
  std::unique_ptr<CompactionPicker> picker_;
  std::unique_ptr<VersionSet> versions_;

  Counters counters_;

  Mutex install_mu_;
  Mutex mu_;
  CondVar work_cv_;      // for the background threads: there may be something to do
  CondVar progress_cv_;  // for everybody else: something ended

  std::deque<Writer*> writers_;
  WriteBatch group_;  // the leader's: the merged batch
  LoggedMemTable active_;
  std::deque<LoggedMemTable> sealed_;
  uint64_t next_memtable_id_ = 1;
  std::atomic<SequenceNumber> last_sequence_{0};
  SequenceNumber flushed_sequence_ = 0;
  SequenceNumber logged_sequence_ = 0;  // of the newest group that may stand in a log
  size_t l0_runs_ = 0;  // of the published tree, as far as a compaction could make them fewer
  uint64_t delay_owed_us_ = 0;  // for groups written while level 0 was over its slow-down trigger

  SnapshotList snapshots_;
  std::unique_ptr<JobQueue> jobs_;
  std::vector<CompactionRun*> shared_runs_;  // merges that other threads may help with
  std::set<uint64_t> pending_outputs_;       // tables being written
  std::vector<std::weak_ptr<const Tree>> live_trees_;
  std::vector<Garbage> garbage_;
  std::atomic<bool> garbage_waits_{false};
  uint64_t log_number_ = 0, manifest_number_ = 0;  // of the last installed edit
  uint64_t new_log_ = 0;                           // of the log that Rotate is making; 0: none
  int removals_running_ = 0;

  bool installing_ = false;
  bool deleting_tables_ = false;  // no snapshot is taken and no compaction picked meanwhile
  bool resuming_ = false;
  uint64_t next_job_id_ = 1;
  Status error_;                           // background error: writing stops
  std::atomic<bool> abandon_jobs_{false};  // error_ was set: jobs that run end, and install nothing
  uint64_t backoff_us_;  // of the next automatic resume; doubles until work succeeds
  std::vector<uint64_t> doubtful_outputs_;  // of an edit that failed: the manifest may name them
  size_t tables_at_open_ = 0;
  std::atomic<bool> closing_{false};
  std::atomic<bool> closed_{false};

  Mutex view_mu_;
  std::shared_ptr<const ReadView> view_;

  std::vector<std::unique_ptr<Thread>> workers_;
  std::unique_ptr<Thread> sync_thread_, resume_thread_;
};

}  // namespace lsm
