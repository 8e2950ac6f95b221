// Changes files behind the engine's back, as a trace asks for it, and says what the guarantees make
// of a change: whether proof is left that what is missing had been synced.
#pragma once

#include <map>
#include <string>

#include "testing/guarantees.h"
#include "testing/sim/sim_env.h"
#include "testing/trace.h"

namespace lsm::lab {

// Durable at once. False, and nothing happened, if `dir` has no such file, or no byte of it.
bool ApplyDamage(sim::SimEnv* env, const std::string& dir, const FileDamage& damage);

using Files = std::map<std::string, std::string>;  // name -> bytes
Files ReadFiles(sim::SimEnv* env, const std::string& dir);

// kDamage if the database must notice that something is wrong, kTailDamage if nothing tells the
// change from a torn tail: docs/guarantees.md, file by file. `before` was closed and sound.
FaultClass ClassOfDamage(const Files& before, const Files& after);

}  // namespace lsm::lab
