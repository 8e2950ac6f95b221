// Writes a trace so that it stays true: addresses by the names of the operations that they struck,
// crash images unit by unit, nothing that never happened.
#pragma once

#include "testing/runner.h"
#include "testing/trace.h"

namespace lsm::lab {

enum class Images : uint8_t { kAsTheyAre, kUnitByUnit };

// `result` is that of RunTrace(trace). The run of what comes back is meant to be the same; whoever
// relies on it runs it.
Trace Normalise(const Trace& trace, const RunResult& result, Images images);

// "ok", or "P4".
std::string VerdictOf(const RunResult& result);

}  // namespace lsm::lab
