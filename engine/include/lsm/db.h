// DB: a persistent ordered map from keys to values. See docs/guarantees.md for what survives what.
//
//   lsm::Options options;
//   options.create_if_missing = true;
//   auto db = lsm::DB::Open(options, "/tmp/example");
//   if (!db.ok()) return db.status();
//   lsm::Status s = (*db)->Put({}, "key", "value");
//
// Thread-safe, but for Close and the destructor. Keys and values are bytes, also empty ones.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/iterator.h"
#include "lsm/options.h"
#include "lsm/snapshot.h"
#include "lsm/statistics.h"
#include "lsm/status.h"
#include "lsm/write_batch.h"

namespace lsm {

class DB {
 public:
  // Opens, creates or recovers the database in directory `path`.
  // InvalidArgument names a bad option; Busy: another process holds the lock; Corruption names the
  // damaged file and offset. A directory that holds other things is left alone.
  static Result<std::unique_ptr<DB>> Open(const Options& options, const std::string& path);

  // Removes the files of a database and the directory if that leaves it empty. Other files stay.
  static Status Destroy(const Options& options, const std::string& path);

  // Rebuilds the manifest from the tables and logs that can still be read, and says in `report`
  // what was saved and what was lost. Damaged files are moved to `path`/lost, never deleted.
  // InvalidArgument if the directory holds no file of a database; nothing is then made in it.
  static Status Repair(const Options& options, const std::string& path, std::string* report);

  virtual ~DB() = default;  // closes; a pending error is only in the info log

  virtual Status Put(const WriteOptions& options, std::string_view key, std::string_view value) = 0;
  virtual Status Delete(const WriteOptions& options, std::string_view key) = 0;
  virtual Status Write(const WriteOptions& options, const WriteBatch& batch) = 0;

  // NotFound if there is no such key.
  virtual Status Get(const ReadOptions& options, std::string_view key, std::string* value) = 0;
  // One status and value a key; all keys are read at one sequence number. Cheaper than as many
  // Gets: keys in one table share its lookup, keys in one block the reading of it.
  virtual std::vector<Status> MultiGet(const ReadOptions& options,
                                       std::span<const std::string_view> keys,
                                       std::vector<std::string>* values) = 0;

  // Never null. An error of the set-up stands in status().
  virtual std::unique_ptr<Iterator> NewIterator(const ReadOptions& options) = 0;

  // About how many bytes of tables hold each range: whole blocks, compressed, old versions and
  // tombstones included. Adjacent ranges add up, and a larger range is never smaller. An empty or
  // reversed range has 0. A table that cannot be opened is an error.
  virtual Status ApproximateSizes(const SizeOptions& options, std::span<const Range> ranges,
                                  std::vector<uint64_t>* bytes) = 0;

  virtual const Snapshot* GetSnapshot() = 0;
  virtual void ReleaseSnapshot(const Snapshot* snapshot) = 0;

  // Writes all memtables to level 0 and waits for it.
  virtual Status Flush() = 0;
  // Makes all that was written so far durable.
  virtual Status SyncWal() = 0;
  // Merges all data in [begin, end] downwards, or that of one level; a null data() is unbounded.
  virtual Status CompactRange(const CompactRangeOptions& options, std::string_view begin,
                              std::string_view end) = 0;
  // Flushes, then removes tables that lie wholly within the keys [begin, end] (null data(): open),
  // without reading them; how many went. Each key of the range is then as it was, or gone: a table
  // stays if an older one that stays overlaps it, or while it is being compacted. All of it at
  // once for readers, and durable. Busy while a snapshot is held; open iterators keep what they
  // see.
  virtual Result<uint64_t> DeleteFilesInRange(std::string_view begin, std::string_view end) = 0;
  // Waits until no flush or compaction is due. The background error, if there is one.
  virtual Status WaitForBackgroundWork() = 0;

  // A second database in the new directory `path` with the state of now; tables are linked where
  // the file system can, else copied.
  virtual Status Checkpoint(const std::string& path) = 0;

  // After a background error: flushes all acknowledged data to a synced table, begins a new log and
  // manifest, and lets writes in again. OK when there was no error. Tables are opened anew, so that
  // one that could not be read is tried again.
  virtual Status Resume() = 0;

  // "lsm.stats", "lsm.levels", "lsm.tables", "lsm.options", "lsm.background-error", "lsm.memory",
  // "lsm.num-files-at-level<N>"; what each says: docs/properties.md. False for an unknown name.
  virtual bool GetProperty(std::string_view name, std::string* value) = 0;
  virtual Statistics GetStatistics() = 0;

  // Checks every checksum and the structure of the tree; the first damage, or OK. Each finding is
  // one line in *findings: file, offset and what is wrong.
  virtual Status CheckIntegrity(std::vector<std::string>* findings) = 0;

  // Waits for a running flush, stops a running compaction, syncs and closes all files. Later calls
  // return Closed.
  virtual Status Close() = 0;
};

}  // namespace lsm
