// What is told of a finding: the barrier that was missing, the steps, and a recording that shows it
// again.
#pragma once

#include "foreign/crash_search.h"
#include "testing/diagnosis.h"
#include "testing/story.h"

namespace lsm::lab {

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
