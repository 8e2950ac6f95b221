// P14: what a database that has come to rest may hold: files, open files, memory.
#pragma once

#include <string>

#include "lsm/db.h"
#include "testing/answer_judge.h"
#include "testing/sim/sim_env.h"

namespace lsm::lab {

// To be asked behind WaitForBackgroundWork, with no call on its way, no iterator open and no fault
// armed. Then nothing waits: the tables are those of the tree, there is one log and one manifest,
// and open are these two, the lock, and one handle for each table that is kept open. Memory is one
// memtable, over its limit by at most one group of writes, and the block cache.
Verdict CheckBounds(sim::SimEnv* env, DB* db, const Options& options, const std::string& dir,
                    size_t largest_group);

}  // namespace lsm::lab
