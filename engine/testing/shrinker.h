// Shrink: the smallest trace that still fails, found by delta debugging: fewer operations, clients
// and options; shorter and fewer keys and values; the plainest schedule, crash point and crash
// image. Deterministic: the same trace and predicate give the same result.
#pragma once

#include <cstdint>
#include <functional>

#include "testing/trace.h"

namespace lsm::lab {

// Must be true for a candidate that fails in the same way as the original.
using StillFails = std::function<bool(const Trace&)>;

struct Shrunk {
  Trace trace;
  uint64_t runs = 0;  // calls of the predicate
};

// Calls `fails` at most max_runs times. `trace` itself must fail.
Shrunk Shrink(Trace trace, const StillFails& fails, uint64_t max_runs);

}  // namespace lsm::lab
