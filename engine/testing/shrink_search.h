// What the passes of the shrinker share: the smallest failing trace so far, and the budget. A pass
// tries changes of it, keeps those that still fail, and tells whether there was one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "testing/shrinker.h"

namespace lsm::lab {

class ShrinkSearch {
 public:
  ShrinkSearch(Trace trace, const StillFails& fails, uint64_t max_runs,
               const ShrinkDeadline& deadline)
      : best_(std::move(trace)), fails_(fails), max_runs_(max_runs), deadline_(deadline) {}

  const Trace& best() const { return best_; }
  size_t size() const { return best_.operations.size(); }
  const Operation& operation(size_t i) const { return best_.operations[i]; }
  uint64_t runs() const { return runs_; }
  bool HasRuns() const { return runs_ < max_runs_ && !deadline_.Passed(); }

  // The candidate is the best if it fails.
  bool Try(Trace candidate);

  // Tries best() after change(Trace*).
  template <class Change>
  bool TryWith(Change change) {
    Trace candidate = best_;
    change(&candidate);
    return Try(std::move(candidate));
  }

  // Tries best() after change(Operation*) of operation i.
  template <class Change>
  bool TryOperation(size_t i, Change change) {
    return TryWith([&](Trace* t) { change(&t->operations[i]); });
  }

  // The least value of *field(Trace*), from `least` up, that halving and counting down finds.
  template <class Field>
  bool Smaller(Field field, uint64_t least) {
    bool any = false;
    for (bool again = true; again && HasRuns();) {
      const uint64_t now = *field(&best_);
      again = false;
      for (const uint64_t next : {least, now / 2, now - 1}) {
        if (now <= least || next < least || next >= now) continue;
        again = TryWith([&](Trace* t) { *field(t) = next; });
        if (again) break;
      }
      any = any || again;
    }
    return any;
  }

 private:
  Trace best_;
  const StillFails& fails_;
  const uint64_t max_runs_;
  const ShrinkDeadline& deadline_;
  uint64_t runs_ = 0;
};

// shrink_operations.cc: which operations, by how many clients, in which schedule.
bool ShrinkLongRuns(ShrinkSearch* search);     // leaves out many operations at once
bool ShrinkOperations(ShrinkSearch* search);   // ... down to single ones
bool ShrinkByReplacing(ShrinkSearch* search);  // one operation for several that only fill
bool ShrinkClients(ShrinkSearch* search);
bool ShrinkSchedule(ShrinkSearch* search);

// shrink_details.cc: options, and the words of each operation.
bool ShrinkOptions(ShrinkSearch* search);
bool ShrinkDetails(ShrinkSearch* search);

// shrink_names.cc: short keys and values, and few.
bool ShrinkKeys(ShrinkSearch* search);
bool ShrinkValues(ShrinkSearch* search);

}  // namespace lsm::lab
