// Survey: each I/O operation by which a trace changes files, told by the step that does it, with
// what was not durable before it. The crash sweep and the error sweep take their places from here.
//
// A place is written into a trace as a crash or an error armed right before its step. Up to there
// the run is the same, so the place is hit exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "testing/runner.h"
#include "testing/trace.h"

namespace lsm::lab {

struct IoPlace {
  size_t step = 0;     // index of the operation of the trace
  uint64_t nth = 1;    // among the I/O operations of this step
  uint64_t index = 0;  // among those of the run
  std::vector<sim::UnsyncedUnit> units;
};

struct Survey {
  RunResult result;
  std::vector<IoPlace> places;  // none behind the last step, where the run closes the database
};

// `trace` has one client, and no crash or kill.
Survey SurveyIo(const Trace& trace, const RunOptions& options = {});

// The trace up to the place's step, with a power cut at the place.
Trace CutAt(const Trace& trace, const IoPlace& place, CrashImage image);
// The whole trace, with an error at the place: one, and a Resume behind its step; or sticky, until
// the trace's next resume or reopen.
Trace FailAt(const Trace& trace, const IoPlace& place, StatusCode code, bool sticky);

}  // namespace lsm::lab
