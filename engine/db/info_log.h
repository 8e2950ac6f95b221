// The file LOG in a database directory: one line a message, with time and level.
#pragma once

#include <memory>
#include <string>

#include "env/sync.h"
#include "lsm/logger.h"

namespace lsm {

// Moves an older LOG to LOG.old. An error here never stops a database: the logger is then silent.
std::unique_ptr<Logger> OpenInfoLog(Env* env, const std::string& dir);

}  // namespace lsm
