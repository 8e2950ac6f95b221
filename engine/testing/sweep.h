// Sweep: the power is cut at every I/O operation of a trace. At each one all images that the crash
// can leave are tried if they are few, else a sample of each profile; and of some of the crash
// states each I/O of the recovery is cut in the same way, and so on. Every crash state is a trace,
// judged by RunTrace, once: different images often leave the same disk.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>

#include "testing/survey.h"
#include "testing/trace.h"

namespace lsm::lab {

// Digests of the crash states that were judged, the disk and what the oracle knows, and of the
// places all of whose images were tried.
using SeenStates = std::set<uint64_t>;

struct SweepOptions {
  uint64_t seed = 1;            // of the samples
  uint64_t images_max = 32;     // tried of one cut
  uint64_t again_one_in = 512;  // of the states judged, one in so many is cut in its recovery
  size_t cuts_max = 3;          // one in another's recovery
  size_t first_step = 0;        // cuts in earlier steps are left out
  size_t last_step = SIZE_MAX;  // and in later ones
  // Of other sweeps under the same options, too; null: the sweep's own.
  SeenStates* seen = nullptr;
  RunOptions run;
  // Told of each trace before it runs.
  std::function<void(const Trace&)> on_trace;
};

struct SweepReport {
  uint64_t cuts = 0;      // I/O operations at which the power was cut
  uint64_t states = 0;    // crash images made
  uint64_t distinct = 0;  // of them recovered from and judged: the others are the same as these
  uint64_t again = 0;     // of these, by a cut within a recovery
  uint64_t told = 0;      // of these, open reported an error, as the guarantees allow
  std::array<uint64_t, sim::kFates> fates{};  // what the images did to units, by Fate::Kind
  std::optional<Trace> failed;
};

// Ends at the first failure. For traces that SurveyIo takes.
SweepReport Sweep(const Trace& trace, const SweepOptions& options);

}  // namespace lsm::lab
