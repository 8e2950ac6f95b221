// Shrink: the smallest trace that still fails, found by delta debugging: fewer operations, clients
// and options; shorter and fewer keys and values; the plainest schedule, crash point and crash
// image. Deterministic up to the budget: the same trace and predicate give the same result, unless
// a deadline ends the search.
#pragma once

#include <cstdint>
#include <functional>

#include "lsm/env.h"
#include "testing/trace.h"

namespace lsm::lab {

// Must be true for a candidate that fails in the same way as the original.
using StillFails = std::function<bool(const Trace&)>;

struct Shrunk {
  Trace trace;
  uint64_t runs = 0;  // calls of the predicate
};

struct ShrinkDeadline {
  Env* clock = nullptr;  // null: none
  uint64_t micros = 0;   // on its NowMicros()

  bool Passed() const { return clock != nullptr && clock->NowMicros() >= micros; }
};

// Calls `fails` at most max_runs times, and not behind the deadline. `trace` itself must fail.
Shrunk Shrink(Trace trace, const StillFails& fails, uint64_t max_runs,
              const ShrinkDeadline& deadline = {});

}  // namespace lsm::lab
