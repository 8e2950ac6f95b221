// Sweep: the power is cut at every I/O operation of a trace. At each one all images that the crash
// can leave are tried if they are few, else a sample; and of some of the crash states each I/O of
// the recovery is cut as well. Every crash state is a trace, judged by RunTrace.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "testing/survey.h"
#include "testing/trace.h"

namespace lsm::lab {

struct SweepOptions {
  uint64_t seed = 1;            // of the samples
  uint64_t images_max = 16;     // tried of one cut
  uint64_t again_one_in = 128;  // of the crash states, one in so many is cut again
  size_t first_step = 0;        // cuts in earlier steps are left out
  size_t last_step = SIZE_MAX;  // and in later ones
  RunOptions run;
  // Told of each trace before it runs.
  std::function<void(const Trace&)> on_trace;
};

struct SweepReport {
  uint64_t cuts = 0;    // I/O operations at which the power was cut
  uint64_t states = 0;  // crash images recovered from and judged
  uint64_t again = 0;   // of them, by a cut within a recovery
  std::optional<Trace> failed;
};

// Ends at the first failure. For traces that SurveyIo takes.
SweepReport Sweep(const Trace& trace, const SweepOptions& options);

}  // namespace lsm::lab
