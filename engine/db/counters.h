// The counters behind DB::GetStatistics. Relaxed atomics: any thread adds, a reader copies.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "contract/sstable/concept.h"
#include "lsm/options.h"

namespace lsm {

using Counter = std::atomic<uint64_t>;

inline void Add(Counter& counter, uint64_t n = 1) {
  counter.fetch_add(n, std::memory_order_relaxed);
}
inline uint64_t Read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }

struct LevelCounters {
  Counter bytes_written{0}, entry_bytes_written{0}, bytes_read{0}, compactions{0};
  Counter tables_probed{0}, filter_probes{0}, filter_false_positives{0};
};

struct Counters {
  Counter puts{0}, deletes{0}, batches{0}, user_bytes_in{0};
  Counter wal_bytes{0}, wal_syncs{0};
  Counter flushes{0}, flush_bytes{0};
  Counter compactions{0}, compaction_bytes_read{0}, compaction_bytes_written{0}, trivial_moves{0};
  Counter tables_expired{0};
  Counter entries_dropped{0}, tombstones_dropped{0};
  Counter gets{0}, gets_found{0}, tables_probed{0};
  Counter filter_negatives{0};
  Counter iterators{0}, stalls{0}, stall_us{0}, slowdowns{0};
  TableCounters tables;
  std::array<LevelCounters, kMaxLevels> level;
};

}  // namespace lsm
