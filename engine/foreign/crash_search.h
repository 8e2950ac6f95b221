// Looks through a recording for power cuts that break a promise, and tells apart what is wrong.
//
// The power is cut behind every k-th call that matters. Of what is not durable there is lost, as
// far as the profile allows it: one thing alone (a directory operation, a size, the first or last
// sector of a file); all that is a file's; the directory operations from one on; all; nothing; what
// a coin decides.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "foreign/crash_judge.h"

namespace lsm::lab {

struct SearchOptions {
  sim::Profile profile = sim::Profile::kWeakest;
  size_t every = 1;    // cut behind every so many calls
  uint64_t seeds = 2;  // images by a coin, at each cut
  // If not empty: lose only this, as CrashFinding::lost names it. For shrinking, where one finding
  // is looked for.
  std::set<std::string> lost{};
};

struct CrashFinding {
  size_t cut = 0;
  CrashAnswer answer;
  sim::Profile profile = sim::Profile::kWeakest;  // that allows it
  std::set<std::string> lost{};  // units, without numbers: "entry CURRENT renamed to"
  // The property and `lost`: the same wherever the same thing is wrong, "P8 without entry CURRENT
  // renamed to".
  std::string key{};
  uint64_t images = 1;  // that break the property and lost this, perhaps with other things
};

// The findings of different keys, each with the earliest cut; of what is lost no part could be
// kept.
std::vector<CrashFinding> SearchCrashes(CrashJudge* judge, const Recording& recording,
                                        const SearchOptions& options);

}  // namespace lsm::lab
