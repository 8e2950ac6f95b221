// Looks through a recording for power cuts that break a promise, tells apart what is wrong, and
// says which barrier was missing.
//
// The power is cut behind every k-th call that matters. Of what is not durable there, each
// directory operation and size, and the first and last sector of each file, is lost alone; then
// all, then nothing, then what a coin decides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foreign/crash_judge.h"
#include "testing/diagnosis.h"
#include "testing/story.h"

namespace lsm::lab {

struct SearchOptions {
  size_t every = 1;    // cut behind every so many calls
  uint64_t seeds = 2;  // images by a coin, at each cut
};

struct CrashFinding {
  size_t cut = 0;
  CrashAnswer answer;
  // The property and what was lost, without numbers: the same wherever the same thing is wrong,
  // "P8 without entry CURRENT renamed to".
  std::string key;
  uint64_t images = 1;  // that break the property and lost this, perhaps with other things
};

// The findings of different keys, each with the earliest cut; of what is lost no part could be left
// out.
std::vector<CrashFinding> SearchCrashes(CrashJudge* judge, const Recording& recording,
                                        const SearchOptions& options);

// Which single sync, before which call, would have prevented it, at this cut and with the same
// losses at every earlier one. The latest of those that would is the most telling: right behind it
// the harm is done. `runs` counts opens.
Diagnosis FindMissingBarrier(CrashJudge* judge, const Recording& recording,
                             const CrashFinding& finding);

// The recording up to the cut, with the cut: all that is needed to see the finding again.
Recording CutRecording(const Recording& recording, const CrashFinding& finding);

// For a person, as any other failure of a trace: its steps are the workload's operations, its I/O
// numbers those of the calls.
Story TellCrash(const Recording& recording, const CrashFinding& finding, Diagnosis diagnosis);

}  // namespace lsm::lab
