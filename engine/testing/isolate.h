// Runs work in child processes, so that what it does to itself (an abort, a wild pointer, an
// endless loop) is a result and not the end of the harness.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/runner.h"

namespace lsm::lab {

struct WorkerEnd {
  bool ok = false;      // the body returned
  bool silent = false;  // killed: no line for silence_ms
  std::string how;      // "signal 6 (Aborted)", "no sign of life for 60000 ms"
  std::string errors;   // what it wrote to standard error, from its end at most 4 KiB
};

// A worker tells the parent one line at a time.
using EmitLine = std::function<void(std::string_view line)>;

// Forks `workers` children that run body(worker, emit) side by side; on_line(worker, line) sees
// their lines, in order for each worker. If it returns false, all are killed. The calling process
// must have one thread.
std::vector<WorkerEnd> RunWorkers(int workers, uint64_t silence_ms,
                                  const std::function<void(int, const EmitLine&)>& body,
                                  const std::function<bool(int, std::string_view)>& on_line);

// RunTrace in a child of its own. If the child does not end well, the property is P14 for a
// deadlock, a livelock or silence, else P0. `log` and `steps` come back, too.
RunResult RunTraceIsolated(const Trace& trace, const RunOptions& options = {});

}  // namespace lsm::lab
