// Anomaly: why no order explains a history, for a tired reader: the fewest acts that cannot be
// ordered, the facts that contradict each other, and the property that is broken.
//
//   no order of these explains what was seen:
//     (1) c0 put k1 v1 [3, 8]
//     (2) c1 put k1 v2 [9, 12]
//     (3) c2 get k1: k1 = v1 [14, 20]
//   (1) had returned before (2) was called.
//   (2) had returned before (3) was called.
//   (3) saw k1 = v1 of (1), and (2) stands before (3): so (2) stands before (1). A contradiction.
//
// The numbers in brackets are the ticks of call and return. What was seen can be left out without
// making anything impossible, and so can a write that nobody saw: what is left is impossible by
// itself, and as small as leaving out one thing after the other makes it.
#pragma once

#include <string>
#include <vector>

#include "testing/linearizable.h"
#include "testing/property.h"

namespace lsm::lab {

struct Anomaly {
  Property property = Property::kP15;
  std::string key;          // of what was seen
  std::string seen;         // "c2 get k1 saw k1 = v1"
  std::string why;          // as above
  size_t step = 0;          // of the last call whose answer takes part
  bool recovery = false;    // that was a recovery
  std::vector<Act> acts{};  // what is left
};

// REQUIRES: Linearize(acts, initial) says kImpossible.
Anomaly Explain(std::vector<Act> acts, const Contents& initial);

}  // namespace lsm::lab
