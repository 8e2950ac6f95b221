// The compaction policies that traces are generated with.
#pragma once

#include <string>
#include <vector>

namespace lsm::lab {

// The values of option `policy` that this build's compaction stage supports, but for fifo, under
// which data goes by itself.
const std::vector<std::string>& KeepingPolicies();

}  // namespace lsm::lab
