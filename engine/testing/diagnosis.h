// The missing barrier: which single sync, of a file or of a directory, before which I/O operation
// would have prevented a failure after a crash?
//
// Runs the trace again with one barrier added, for each place and each thing that is not yet
// durable there. Of a barrier that helps it is also demanded that it helps against a crash at every
// earlier I/O operation; of those that remain, the latest is the most telling: right behind it the
// harm is done.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "testing/runner.h"
#include "testing/trace.h"

namespace lsm::lab {

struct Diagnosis {
  std::string barrier;  // a sentence; empty if no single barrier helps
  std::string target;   // path that should have been synced
  uint64_t io = 0;      // before this I/O operation
  uint64_t runs = 0;
};

// `result` is that of RunTrace(trace). Gives up after max_runs runs.
Diagnosis FindMissingBarrier(const Trace& trace, const RunResult& result, const TraceRunner& run,
                             uint64_t max_runs);

}  // namespace lsm::lab
