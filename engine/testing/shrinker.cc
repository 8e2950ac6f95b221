#include "testing/shrinker.h"

#include <utility>

#include "testing/shrink_search.h"

namespace lsm::lab {

bool ShrinkSearch::Try(Trace candidate) {
  if (!HasRuns() || candidate == best_) return false;
  ++runs_;
  if (!fails_(candidate)) return false;
  best_ = std::move(candidate);
  return true;
}

// From what is cheap and takes much away to what is dear and takes little; over again while
// anything helps.
Shrunk Shrink(Trace trace, const StillFails& fails, uint64_t max_runs,
              const ShrinkDeadline& deadline) {
  constexpr bool (*kPasses[])(ShrinkSearch*) = {
      ShrinkLongRuns, ShrinkSchedule, ShrinkLongRuns,   ShrinkClients,     ShrinkOptions,
      ShrinkValues,   ShrinkKeys,     ShrinkOperations, ShrinkByReplacing, ShrinkDetails};
  ShrinkSearch search(std::move(trace), fails, max_runs, deadline);
  for (bool again = true; again && search.HasRuns();) {
    again = false;
    for (const auto pass : kPasses) again = pass(&search) || again;
  }
  return {search.best(), search.runs()};
}

}  // namespace lsm::lab
