// The workloads: what a thread does in one step, and what the database is before it. Names and
// meanings are db_bench's and YCSB's; docs/benchmarks.md lists them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/sim/random.h"
#include "testing/zipfian.h"
#include "workloads/data.h"
#include "workloads/store.h"

namespace lsm::bench {

enum class Start : uint8_t {
  kEmpty,    // an empty directory
  kLoaded,   // `keys` keys, loaded in random order, drained and reopened
  kCrashed,  // the same load, ended by a kill with its newest updates in the log alone
};

// One thread's part. It owns all that changes, so that workers share nothing but the store.
struct Worker {
  Store* store = nullptr;
  const Values* values = nullptr;
  const lab::Zipfian* zipfian = nullptr;  // over the loaded keys; null where it is not asked for
  uint64_t keys = 0;                      // that are loaded, or that fills draw from
  uint64_t first = 0;                     // where sequential fills and inserts begin
  sim::Random random{0};

  uint64_t steps = 0, inserted = 0;
  uint64_t user_bytes = 0;  // keys and values written
  uint64_t answers = 0;     // sum of AnswerSum
  std::string key, value;
  Batch batch;
  std::unique_ptr<lab::Cursor> cursor;
};

struct Workload {
  std::string_view name, about;
  Start start = Start::kLoaded;
  bool writes = false;
  // A step is so many entries: rates count entries, times are those of steps.
  uint64_t entries_per_step = 1;
  // Keys of the database for each entry that all steps together write or read: 1 is as many
  // entries as keys.
  uint64_t divisor = 1;
  bool zipfian = false;
  Status (*step)(Worker* worker) = nullptr;    // null: opening is what is measured
  Status (*beside)(Worker* worker) = nullptr;  // of one more thread, until the others are done
};

const std::vector<Workload>& Workloads();
// Null if there is none.
const Workload* FindWorkload(std::string_view name);

// The load before the workloads that start with one: step i writes key i.
Status LoadStep(Worker* worker);

}  // namespace lsm::bench
