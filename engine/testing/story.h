// The story of a failure, for a person and for a grader: numbered steps, what was expected and what
// came, the property that broke, what the crash took, the barrier that was missing, and the command
// that shows it again.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "testing/diagnosis.h"
#include "testing/runner.h"
#include "testing/trace.h"

namespace lsm::lab {

struct Story {
  Trace trace;       // shrunk
  RunResult result;  // of that trace
  Diagnosis diagnosis;
  uint64_t operations_before = 0;  // of the trace as it was found
  uint64_t runs = 0;               // spent on making it small
  std::string file;                // where the trace stands; empty: nowhere yet
};

std::string ReplayCommand(const Story& story);  // "./lab replay FILE"
std::string ToText(const Story& story);
nlohmann::json ToJson(const Story& story);

// Makes a story of a failing trace: shrinks it and looks for the missing barrier.
struct InvestigateOptions {
  TraceRunner shrink_run;  // runs candidates, where that is faster; null: as all others
  uint64_t max_shrink_runs = 20'000;
  uint64_t max_shrink_ms = 30'000;
  uint64_t max_barrier_runs = 3000;
  // Of a trace that gives no answer: each run that fails takes the whole time.
  uint64_t max_silent_runs = 40;
  uint64_t shrink_silence_ms = 1000;
};
Story Investigate(const Trace& trace, const RunResult& result, const TraceRunner& run,
                  const InvestigateOptions& options = {});

}  // namespace lsm::lab
