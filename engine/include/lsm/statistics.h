// Counters of a database since it was opened. Plain numbers: copied out, consistent enough to
// divide by one another. Amplification is derived here and nowhere else.
#pragma once

#include <array>
#include <cstdint>

#include "lsm/options.h"

namespace lsm {

struct LevelStatistics {
  uint64_t runs = 0;   // sorted runs now
  uint64_t files = 0;  // tables now
  uint64_t bytes = 0;  // their size now
  // In them now. A table of before the open counts if an option asks for ages or tombstones (fifo,
  // tombstone_*, file_pick = most_tombstones); one that LevelDB wrote never does.
  uint64_t tombstones = 0;
  uint64_t oldest_tombstone_us = 0;  // when the oldest was flushed, since 1970; 0: there is none
  uint64_t bytes_written = 0;        // by flushes and compactions into this level
  uint64_t entry_bytes_written = 0;  // keys and values in them, before compression
  uint64_t bytes_read = 0;           // from this level by compactions
  uint64_t compactions = 0;          // that had this level as their output
  uint64_t tables_probed = 0;        // searched by lookups
  uint64_t filter_probes = 0, filter_false_positives = 0;
  double score = 0;         // >= 1: a compaction of this level is due
  double bits_per_key = 0;  // of filters written here now; the average if it is empty

  // Table bytes written for each byte of keys and values. 0 while nothing was written.
  double Packed() const {
    return entry_bytes_written == 0
               ? 0
               : static_cast<double>(bytes_written) / static_cast<double>(entry_bytes_written);
  }
};

struct Statistics {
  uint64_t puts = 0, deletes = 0, batches = 0;
  uint64_t user_bytes_in = 0;  // keys and values of puts and deletes
  uint64_t wal_bytes = 0, wal_syncs = 0;
  uint64_t flushes = 0, flush_bytes = 0;
  uint64_t compactions = 0, compaction_bytes_read = 0, compaction_bytes_written = 0;
  uint64_t trivial_moves = 0;
  uint64_t tables_expired = 0;                           // dropped by kFifo
  uint64_t entries_dropped = 0, tombstones_dropped = 0;  // by compactions
  uint64_t gets = 0, gets_found = 0;
  uint64_t tables_probed = 0;  // searched by Get: in range, and not excluded by a filter
  // With bits_per_key > 0; a table without a filter, as LevelDB's, counts as one that says maybe.
  uint64_t filter_probes = 0, filter_negatives = 0, filter_false_positives = 0;
  uint64_t cache_hits = 0, cache_misses = 0, blocks_read = 0, block_bytes_read = 0;
  // Hits in the protected segment; blocks promoted because they came back; blocks driven out.
  uint64_t cache_protected_hits = 0, cache_ghost_hits = 0, cache_evictions = 0;
  uint64_t iterators = 0;
  uint64_t stalls = 0, stall_us = 0, slowdowns = 0;
  uint64_t limiter_wait_us = 0;      // of background threads, for background_bytes_per_second
  uint64_t live_bytes_estimate = 0;  // file bytes of the deepest level that holds any
  std::array<LevelStatistics, kMaxLevels> level{};

  // Bytes written to storage for each user byte. 0 while nothing was written.
  double WriteAmplification() const {
    const uint64_t out = wal_bytes + flush_bytes + compaction_bytes_written;
    return user_bytes_in == 0 ? 0 : static_cast<double>(out) / static_cast<double>(user_bytes_in);
  }
  // The part of it that is written into one level.
  double WriteAmplification(const LevelStatistics& l) const {
    return user_bytes_in == 0
               ? 0
               : static_cast<double>(l.bytes_written) / static_cast<double>(user_bytes_in);
  }
  // Tables searched for each Get. 0 without a Get.
  double ReadAmplification() const {
    return gets == 0 ? 0 : static_cast<double>(tables_probed) / static_cast<double>(gets);
  }
  // Bytes of all tables for each byte of the deepest non-empty level. 0 for an empty tree.
  double SpaceAmplification() const {
    uint64_t total = 0;
    for (const LevelStatistics& l : level) total += l.bytes;
    return live_bytes_estimate == 0
               ? 0
               : static_cast<double>(total) / static_cast<double>(live_bytes_estimate);
  }
};

}  // namespace lsm
