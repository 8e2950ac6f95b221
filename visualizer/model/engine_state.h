// EngineState: what the events say about the engine beside its tree: memtables, logs, compactions,
// stalls, lookups, counters. Small, and copied to make checkpoints.
//
// An event log may begin in the middle of a run and may have lost lines: what is not known stays
// empty, nothing is refused. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "events/event_tree.h"
#include "lsm/event.h"

namespace lsm::viz {

struct Wal {
  uint64_t file = 0, appended = 0, synced = 0, records = 0;  // bytes, bytes, appends
  uint64_t last_append = 0;                                  // bytes of the newest record
};

struct MemTable {
  uint64_t id = 0, entries = 0, bytes = 0;
  bool flushing = false;
};

struct Job {
  event::CompactionPicked picked;
  std::vector<EventTree::TableRef> inputs;  // with their keys, of both levels
  std::vector<event::CompactionOutput> outputs;
  std::vector<EventTree::TableRef> installed;     // the outputs, once they stand in the tree
  std::vector<event::CompactionDropped> dropped;  // the newest kMostDropped
  uint64_t dropped_count = 0;
  bool moved = false;  // without a merge
  bool done = false, ok = false;
  event::CompactionEnd end;
};

struct Counters {
  uint64_t batches = 0, updates = 0, user_bytes = 0;
  uint64_t wal_bytes = 0, wal_syncs = 0;
  uint64_t flushes = 0, flush_bytes = 0;
  uint64_t compactions = 0, moves = 0, compaction_read = 0, compaction_written = 0, dropped = 0;
  uint64_t stalls = 0, stall_us = 0, slowdowns = 0;
  uint64_t hops = 0, filter_no = 0, false_positives = 0, found = 0;
  uint64_t errors = 0, recoveries = 0;

  uint64_t BytesOut() const { return wal_bytes + flush_bytes + compaction_written; }
};

struct EngineState {
  static constexpr size_t kMostJobs = 6;
  static constexpr size_t kMostDropped = 8;

  bool open = false;
  std::string error;  // of the background; writing stops
  uint64_t last_sequence = 0;
  MemTable active;
  std::deque<MemTable> immutables;     // oldest first
  std::deque<Wal> logs;                // oldest first; the last one is appended to
  std::deque<Job> jobs;                // oldest first, those that run and a few behind them
  std::vector<event::LookupHop> hops;  // of the newest lookup
  std::string stall;                   // why writers wait now; empty: they do not
  Counters counters;
  uint64_t table_bytes = 0, l0_tables = 0;  // of the tree

  // `tree` as it is behind the event; `change`: what the event did to it.
  void Apply(const Event& event, const EventTree& tree, const EventTree::Change& change);
};

// "L0 -> L1".
std::string Levels(const event::CompactionPicked& picked);

}  // namespace lsm::viz
