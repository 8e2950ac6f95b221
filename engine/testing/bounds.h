// P14: what a database that has come to rest may hold: files, open files, memory.
#pragma once

#include <string>

#include "lsm/db.h"
#include "testing/answer_judge.h"
#include "testing/sim/sim_env.h"

namespace lsm::lab {

// To be asked when no work waits, no iterator is open and no fault is armed. Bounds are those that
// the options set, with room for what is on its way: a few files, one write a memtable.
Verdict CheckBounds(sim::SimEnv* env, DB* db, const Options& options, const std::string& dir,
                    size_t largest_write);

}  // namespace lsm::lab
