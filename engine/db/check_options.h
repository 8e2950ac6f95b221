// Validation of Options: each knob against its range, and the knobs against one another.
#pragma once

#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

// InvalidArgument names the option, its value and what is allowed.
Status CheckOptions(const Options& options);

}  // namespace lsm
