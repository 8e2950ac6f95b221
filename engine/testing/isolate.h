// Runs work in child processes, so that what it does to itself (an abort, a wild pointer, an
// endless loop) is a result and not the end of the harness. The calling process must have one
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "testing/child_process.h"
#include "testing/runner.h"

namespace lsm::lab {

// A worker tells the parent one line at a time.
using EmitLine = std::function<void(std::string_view line)>;

// Forks `workers` children that run body(worker, emit) side by side; on_line(worker, line) sees
// their lines, in order for each worker. If it returns false, all are killed.
std::vector<WorkerEnd> RunWorkers(int workers, uint64_t silence_ms,
                                  const std::function<void(int, const EmitLine&)>& body,
                                  const std::function<bool(int, std::string_view)>& on_line);

// Runs traces one after the other in a child that lives until one of them ends it; the next trace
// gets a new child. Where a run leaves something behind in its process, it may differ from a run in
// a child of its own: a result that counts is worth a RunTraceIsolated.
class TraceServer {
 public:
  // `run` in place of RunTrace: for databases that are not in a simulated world.
  explicit TraceServer(OpenDb open = DB::Open, TraceRunner run = RunTrace);
  ~TraceServer();
  TraceServer(const TraceServer&) = delete;
  TraceServer& operator=(const TraceServer&) = delete;

  // RunTrace(trace, options). If the child does not end well, the property is P14 for a deadlock, a
  // livelock or silence, else P0. What options hold that is a function needs a child of its own.
  RunResult Run(const Trace& trace, const RunOptions& options = {});

 private:
  using Progress = std::atomic<uint64_t>;

  void Serve(ChildProcess::Link* link, const RunOptions& options) const;
  RunResult Await(const Trace& trace, const RunOptions& options);

  const OpenDb open_;
  const TraceRunner run_;
  Progress* progress_;  // shared with the child: the step that runs
  ChildProcess child_;
};

// One run in a child of its own. `log` and `steps` come back, too.
RunResult RunTraceIsolated(const Trace& trace, const RunOptions& options = {},
                           const TraceRunner& run = RunTrace);

}  // namespace lsm::lab
