// A campaign: many inputs checked in child processes, so that a crash, a sanitizer's report or an
// endless loop is a result like any other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/target.h"

namespace lsm::fuzz {

struct CampaignResult {
  uint64_t executions = 0;
  // The lowest index that failed, whichever worker is the fastest, and how.
  std::optional<uint64_t> failed;
  Finding finding;
};

struct Campaign {
  const Target* target = nullptr;
  uint64_t count = 0;
  std::function<std::string(uint64_t index)> input;  // called in the children
  int workers = 1;
  uint64_t silence_ms = 20'000;  // an input that takes so long never ends
  std::function<void(uint64_t done)> progress{};
};

// The seeds of a target, made in a child process. Not OK: the engine, or a stage of the mix, cannot
// even write the files to begin with.
Result<std::vector<std::string>> Seeds(const Target& target);

// Stops at the first failure. The calling process must have one thread.
CampaignResult RunCampaign(const Campaign& campaign);

}  // namespace lsm::fuzz
