// A trial: one workload on one engine once, in a process of its own, so that engines share no heap.
//
// It runs on a copy of the engine's loaded database, or in an empty directory; either is removed
// behind it. The calling process must have one thread. Not thread-safe.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/store.h"
#include "workloads/workload.h"

namespace lsm::bench {

struct Load {
  uint64_t keys = 1'000'000;
  size_t value_bytes = 100;
  double entropy = 0.5;  // of values: Values
  int threads = 1;
  uint64_t seed = 1;
};

// Rates are per second and count entries; times are those of steps.
struct Measurement {
  std::string engine, workload;
  uint64_t keys = 0, round = 0;
  uint64_t steps = 0, entries = 0;
  double seconds = 0, drained_seconds = 0;  // until the last step; until no compaction was due
  double rate = 0, drained_rate = 0;
  double beside_rate = 0;  // steps of the thread beside
  double p50_us = 0, p99_us = 0, p999_us = 0, max_us = 0;
  uint64_t stalls = 0;           // steps of more than 50 ms
  double cpu_us_per_entry = 0;   // all threads, until drained
  double open_ms = 0;            // of the database that was there
  uint64_t anonymous_bytes = 0;  // most that was seen
  uint64_t peak_bytes = 0;       // resident, mapped files included
  uint64_t written_bytes = 0, user_bytes = 0;
  uint64_t disk_bytes = 0;  // of the directory, drained
  // Sum over all answers; the same for every engine if `comparable`: one thread, no race.
  std::string answers;
  bool comparable = false;
  std::string shape;  // files and bytes of each level: reads, before; writes, drained
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Measurement, engine, workload, keys, round, steps, entries,
                                   seconds, drained_seconds, rate, drained_rate, beside_rate,
                                   p50_us, p99_us, p999_us, max_us, stalls, cpu_us_per_entry,
                                   open_ms, anonymous_bytes, peak_bytes, written_bytes, user_bytes,
                                   disk_bytes, answers, comparable, shape)

struct Place {
  std::string base, scratch;  // the loaded database; the directory that the trial may use
};

// Loads the base that trials copy; what it cost is a measurement named "load".
Result<Measurement> LoadBase(const StoreInfo& engine, const StoreOptions& options, const Load& load,
                             const std::string& dir);
Result<Measurement> RunTrial(const StoreInfo& engine, const StoreOptions& options, const Load& load,
                             const Workload& workload, const Place& place);

}  // namespace lsm::bench
