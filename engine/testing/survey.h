// Survey: each I/O operation by which a trace changes files, told by the step that does it, with
// the disk as it stands before it. The crash sweep and the error sweep take their places from here.
//
// A place is written into a trace as a crash or an error armed right before its step, or as a
// further cut of a crash. Up to there the run is the same, so the place is hit exactly.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "testing/runner.h"
#include "testing/sim/disk.h"
#include "testing/trace.h"

namespace lsm::lab {

struct IoPlace {
  size_t step = 0;         // index of the operation of the trace
  uint64_t nth = 1;        // among the I/O operations of this step, or of the recovery
  sim::IoAddress named;    // the same, among those of its kind
  uint64_t index = 0;      // among those of the run
  uint64_t knowledge = 0;  // IoMoment::knowledge
  std::shared_ptr<const sim::Disk> disk;
};

struct Survey {
  RunResult result;
  std::vector<IoPlace> places;
};

// Of the steps in [first_step, last_step]; none behind the last step, where the run closes the
// database. `trace` has one client, and no crash or kill.
Survey SurveyIo(const Trace& trace, const RunOptions& options = {}, size_t first_step = 0,
                size_t last_step = SIZE_MAX);
// Of the recovery behind the last cut of a trace that CutAt or CutAgain made.
Survey SurveyRecovery(const Trace& cut, const RunOptions& options = {});

// The trace up to the place's step, with a power cut at the place.
Trace CutAt(const Trace& trace, const IoPlace& place, CrashImage image);
// One more cut, at a place of the recovery.
Trace CutAgain(const Trace& cut, const IoPlace& place, CrashImage image);

// What follows an error: for kOnce a Resume behind its step, for kPowerCut a power cut there that
// keeps nothing.
enum class Aftermath : uint8_t { kResume, kSticky, kPowerCut };
// The whole trace, with an error at the place; sticky until the trace's next resume or reopen. The
// address of `fault` is set here.
Trace FailAt(const Trace& trace, const IoPlace& place, sim::Fault fault, Aftermath aftermath);

}  // namespace lsm::lab
