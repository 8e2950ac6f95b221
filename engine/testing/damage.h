// Changes files behind the engine's back, as a trace asks for it.
#pragma once

#include <string>

#include "testing/sim/sim_env.h"
#include "testing/trace.h"

namespace lsm::lab {

// Durable at once. False, and nothing happened, if `dir` has no such file, or no byte of it.
bool ApplyDamage(sim::SimEnv* env, const std::string& dir, const FileDamage& damage);

}  // namespace lsm::lab
