// A second name, or a second copy, of a file that no longer changes.
#pragma once

#include <string>

#include "lsm/env.h"

namespace lsm {

// A hard link where the file system has them, else a synced copy. The entry is the caller's to
// sync.
Status LinkOrCopy(Env* env, const std::string& from, const std::string& to);

}  // namespace lsm
