// TableWriter: one table file from creation to durability, for flush, compaction and repair.
//
// Order of Finish: the builder's last blocks, Sync, Close, then a trial open. The directory entry
// is the caller's to sync. Until Finish succeeded the file is worth nothing and the caller removes
// it. Not thread-safe.
#pragma once

#include <memory>
#include <string>

#include "db/filter_allocation.h"
#include "db/rate_limiter.h"
#include "db/stages.h"
#include "db/table_cache.h"
#include "format/tree.h"
#include "lsm/options.h"

namespace lsm {

// What is decided for a table by the level that it is written to.
struct TableTarget {
  Compression compression = Compression::kNone;
  double bits_per_key = 0;
};
// `shape`: of the tree with the table in it.
TableTarget TargetOf(const Options& options, const TreeShape& shape, int level);

class TableWriter {
 public:
  // `limiter`, if there is one, is asked for what is written, in the name of the class.
  TableWriter(const Options& options, const TableTarget& target, std::string dir,
              const InternalKeyComparator& cmp, TableCache* tables, RateLimiter* limiter = nullptr,
              JobClass job_class = JobClass::kFlush);

  Status Open(uint64_t number);
  // When the newest update of what is to come was flushed, and its oldest tombstone if there is
  // one; stands for every table from here on.
  void SetTimes(uint64_t newest_us, uint64_t oldest_tombstone_us);
  bool IsOpen() const { return builder_ != nullptr; }
  // Requires IsOpen() and ascending internal keys.
  Status Add(std::string_view internal_key, std::string_view value);
  uint64_t FileBytes() const { return builder_ == nullptr ? 0 : builder_->FileBytes(); }
  uint64_t Entries() const { return builder_ == nullptr ? 0 : builder_->Entries(); }
  // Keys and values of all tables so far: what FileBytes would be without prefixes, compression,
  // index and filter.
  uint64_t EntryBytes() const { return entry_bytes_; }
  // Requires IsOpen() and at least one entry. Afterwards Open may begin the next file.
  Result<FileMeta> Finish();

 private:
  void Acquire(uint64_t bytes_min);

  Env* const env_;
  const std::string dir_;
  TableOptions options_;
  TableCache* const tables_;
  RateLimiter* const limiter_;
  const JobClass job_class_;
  uint64_t acquired_ = 0;  // bytes of the open file
  std::unique_ptr<WritableFile> file_;
  std::unique_ptr<TableBuilder> builder_;
  FileMeta meta_;
  uint64_t newest_us_ = 0, oldest_tombstone_us_ = 0;
  uint64_t entry_bytes_ = 0;
};

}  // namespace lsm
