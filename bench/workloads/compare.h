// What changed between two results of one suite, with a bound for noise.
//
// A difference counts when it is larger than what the rounds of both results spread, and than 5 %.
// With fewer than three rounds the spread says little, and the bound is 25 %.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "lsm/status.h"
#include "workloads/results.h"

namespace lsm::bench {

struct Change {
  std::string workload, engine;
  uint64_t keys = 0;
  double before = 0, after = 0;  // medians of the drained rate
  double bound = 0;              // a ratio between 1 / (1 + bound) and 1 + bound is noise
  bool slower = false, faster = false;
};

Change ChangeOf(const Summary& before, const Summary& after);

// Of what both have. InvalidArgument: they have nothing in common, or were measured otherwise (keys
// apart, as they are compared one by one): another setup, another CPU.
Result<std::vector<Change>> Compare(const nlohmann::json& before, const nlohmann::json& after);
std::string ToTable(const std::vector<Change>& changes);

}  // namespace lsm::bench
