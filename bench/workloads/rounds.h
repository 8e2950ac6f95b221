// Rounds of workloads over engines, alternating: A B C A B C. What is measured is a document.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "workloads/trial.h"

namespace lsm::bench {

struct RoundsOptions {
  std::vector<StoreInfo> engines;
  std::vector<const Workload*> workloads;
  StoreOptions store{};
  Load load{};
  std::vector<uint64_t> sizes{};  // numbers of keys; empty: load.keys alone
  uint64_t rounds = 3;
  uint64_t warmup_rounds = 0;  // before them, not kept
  std::string directory;       // for databases; made, and removed behind
  bool progress = true;        // a line a trial, to standard error
};

struct Rounds {
  std::vector<Measurement> measurements;
  std::vector<Measurement> loads;     // one an engine and size
  std::vector<std::string> failures;  // trials that failed, engines that disagree
  bool interrupted = false;           // by SIGINT or SIGTERM: what is there was finished before
};

Rounds RunRounds(const RoundsOptions& options);

// One an engine that answers otherwise than the first one in a workload whose answers compare.
std::vector<std::string> Disagreements(const std::vector<Measurement>& measurements);

}  // namespace lsm::bench
