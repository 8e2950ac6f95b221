// Options: every knob of the engine, with its unit, range and reason. Validated by DB::Open: a bad
// one is an InvalidArgument that names it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lsm/comparator.h"
#include "lsm/env.h"
#include "lsm/logger.h"

namespace lsm {

class EventListener;
class Snapshot;

// Written into each block's trailer. The first two are LevelDB's; it refuses a database with tables
// of another one. The numbers of the others are RocksDB's.
enum class Compression : uint8_t { kNone = 0, kSnappy = 1, kLz4 = 4, kZstd = 7 };

// How the tree is kept in shape: docs/policies.md.
enum class CompactionPolicy : uint8_t {
  kLeveled,      // one run a level, LevelDB's
  kTiered,       // several runs a level
  kLazyLeveled,  // several runs a level, one in the last
  kHybrid,       // several runs in the first tiered_levels, one in the others
  kFifo,         // nothing is merged; the oldest tables are dropped
};

// Which table of a level goes down next, where a policy takes one at a time.
enum class FilePick : uint8_t {
  kRoundRobin,      // round the key range: each table once before any a second time
  kOldest,          // the lowest file number
  kMostOverlap,     // the most bytes below, for each byte of its own
  kLeastOverlap,    // the fewest: the cheapest merge
  kMostTombstones,  // the largest part of tombstones
};

// When the write-ahead log is made durable. `WriteOptions::sync` asks for it per write in any mode.
enum class WalSync : uint8_t {
  kOnRequest,   // only when a write asks for it
  kEveryWrite,  // each group commit
  kInterval,    // in the background, every wal_sync_interval_us
};

// How the memory of all filters is shared.
enum class FilterAllocation : uint8_t {
  kUniform,  // bits_per_key for every table
  kMonkey,   // bits_per_key on average: more for the small levels, a little less for the last
};

// Longest key and value in bytes: lengths are varint32 on disk, and a batch is one log record.
inline constexpr size_t kMaxKeyBytes = size_t{64} << 20;
inline constexpr size_t kMaxValueBytes = size_t{1} << 30;
inline constexpr int kMaxLevels = 7;  // LevelDB's; its manifest reader refuses more

struct Options {
  // --- What the database is ---
  const Comparator* comparator = BytewiseComparator();  // must be the one it was created with
  bool create_if_missing = false;
  bool error_if_exists = false;
  Env* env = Env::Default();
  Logger* info_log = nullptr;         // null: a file LOG in the database directory
  EventListener* listener = nullptr;  // null: no events, no cost

  // --- Memory ---
  size_t memtable_bytes = size_t{4} << 20;     // [1 KiB, 1 GiB] sealed when it uses more
  int max_immutable_memtables = 2;             // [1, 16] sealed ones before writers wait
  size_t block_cache_bytes = size_t{8} << 20;  // hard bound; 0: no cache
  int max_open_files = 1000;                   // [16, 1000000] open tables kept

  // --- Tables ---
  size_t block_bytes = 4096;                // [64, 16 MiB] uncompressed data block
  int block_restart_interval = 16;          // [1, 1024] keys between full keys
  size_t max_file_bytes = size_t{2} << 20;  // [1 KiB, 4 GiB] table cut by compactions
  Compression compression = Compression::kSnappy;
  // By the level that a table is written to; levels behind the last one named take that one.
  // Empty: `compression` in all levels.
  std::vector<Compression> compression_per_level{};
  double bits_per_key = 10;  // [0, 40] bloom filter; 0: none
  FilterAllocation filter_allocation = FilterAllocation::kUniform;
  bool verify_checksums = true;  // of all that is read from a table

  // --- Tree ---
  CompactionPolicy policy = CompactionPolicy::kLeveled;
  FilePick file_pick = FilePick::kRoundRobin;  // kLeveled, and the leveled part of kHybrid
  int num_levels = kMaxLevels;                 // [2, kMaxLevels]
  int l0_compaction_trigger = 4;               // runs in level 0 that start a compaction
  int l0_slowdown_trigger = 8;                 // runs at which writes are delayed
  int l0_stop_trigger = 12;                    // runs at which writers wait
  uint64_t level1_bytes = uint64_t{10} << 20;  // [1 KiB, 1 TiB] target size of level 1
  int size_ratio = 10;                         // [2, 100] target(level + 1) / target(level)
  int runs_per_level = 4;  // [2, 100] of a tiered level below 0: as many start a merge
  int tiered_levels = 2;   // [1, num_levels] kHybrid: so many levels are tiered, with level 0
  uint64_t fifo_bytes_max = uint64_t{1} << 30;  // kFifo: [1 KiB, 1 PiB] of all tables at most
  uint64_t ttl_us = 0;                // kFifo: older tables are dropped; 0: none for their age
  uint64_t tombstone_age_max_us = 0;  // so long after its flush a tombstone goes down; 0: no limit
  uint64_t tombstone_retention_us = 0;  // so long after its flush it is kept at the least

  // --- Background work ---
  int max_background_jobs = 2;  // [2, 64] threads for flushes and compactions; one only flushes
  uint64_t background_bytes_per_second = 0;  // [0, 1 TiB] written by them; 0: no limit
  // Pace of all writers together at l0_slowdown_trigger; one run more: half of it, then a third ...
  uint64_t delayed_write_bytes_per_second = uint64_t{16} << 20;  // [1 KiB, 1 TiB]

  // --- Write-ahead log ---
  WalSync wal_sync = WalSync::kOnRequest;
  uint64_t wal_sync_interval_us = 100'000;  // for kInterval; [100, 3600 s]
  size_t max_wal_bytes = size_t{64} << 20;  // [1 KiB, 4 GiB] a log rotates at this size

  // --- Input and output ---
  IoMode wal_io = IoMode::kMapped;   // a mapped window, or write()
  IoMode read_io = IoMode::kMapped;  // mapped tables, or pread() and the block cache

  // --- After an error ---
  bool auto_resume = true;                      // resume by itself when a full disk has space again
  uint64_t resume_backoff_us_min = 10'000;      // first wait; doubled up to ...
  uint64_t resume_backoff_us_max = 10'000'000;  // ... this
};

struct ReadOptions {
  const Snapshot* snapshot = nullptr;  // null: the newest state
  bool fill_cache = true;              // false for bulk scans
  // Bounds of an iterator: keys in [lower, upper). Copied. Null data(): unbounded.
  std::string_view lower_bound{};
  std::string_view upper_bound{};
  // Only keys that begin with it, within the bounds. Copied. For the bytewise comparator alone.
  std::string_view prefix{};
};

struct WriteOptions {
  bool sync = false;  // durable before the call returns
};

struct CompactRangeOptions {
  int target_level = -1;  // -1: down to the deepest level that holds data of the range
  int level = -1;         // not -1: the tables of this level alone, into the next one
};

// User keys in [begin, end). Null data(): open.
struct Range {
  std::string_view begin{}, end{};
};

struct SizeOptions {
  bool include_memtables =
      false;  // keys and values in memory, uncompressed; costs a walk over them
};

}  // namespace lsm
