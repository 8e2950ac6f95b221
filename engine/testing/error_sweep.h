// Error sweep: every I/O operation of a trace fails, in each way in which it can: before its
// effect, behind it, in its middle, and a sync so that its pages are lost, now or later. An
// operation that changes files fails at its place (survey.h); opens, reads, lists and locks fail as
// the first, the second, the third ... of the run, until a run ends without reaching so many.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "testing/survey.h"
#include "testing/trace.h"

namespace lsm::lab {

struct ErrorSweepOptions {
  // Each error is followed by each Aftermath; else by one of them, in turns.
  bool all_aftermaths = false;
  // Of the errors one in so many is tried, and from which on.
  uint64_t one_in = 1;
  uint64_t first = 0;
  RunOptions run;
  // Told of each trace before it runs.
  std::function<void(const Trace&)> on_trace;
};

struct ErrorSweepReport {
  uint64_t places = 0;                            // I/O operations that failed, in some way
  uint64_t errors = 0;                            // runs, each with one of them
  uint64_t checks = 0;                            // answers that were judged
  std::array<uint64_t, sim::kEffects> effects{};  // runs, by sim::Effect
  std::optional<Trace> failed;
};

// Ends at the first failure. For traces that SurveyIo takes.
ErrorSweepReport SweepErrors(const Trace& trace, const ErrorSweepOptions& options);

}  // namespace lsm::lab
