// RunResult as JSON: between processes, and for a grader. Bytes that are no UTF-8 never occur: keys
// and values in it are escaped text.
#pragma once

#include <nlohmann/json.hpp>

#include "testing/runner.h"

namespace lsm::lab {

nlohmann::json ToJson(const RunResult& result);
RunResult ResultFromJson(const nlohmann::json& json);

}  // namespace lsm::lab
