// The sweep's results for a person and for programs.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

#include "amplification/sweep.h"

namespace lsm::bench {

using SweepResults = std::vector<std::pair<SweepPoint, Amplification>>;

nlohmann::json ToJson(const SweepResults& results, const std::string& command);
std::string ToCsv(const SweepResults& results);
// Counted, closed form and deviation; those above kMarkedDeviation are marked with a star.
std::string ToTable(const SweepResults& results);

}  // namespace lsm::bench
