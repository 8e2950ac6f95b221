// What libFuzzer prints, as numbers: for progress on one line, a summary a person can read, and
// JSON. Both of its styles are read: one process, and several (-fork=N).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lsm::fuzz {

struct FuzzerLog {
  uint64_t executions = 0;
  uint64_t executions_per_second = 0;
  uint64_t edges_at_start = 0;  // that the corpus reached
  uint64_t edges = 0;
  uint64_t corpus = 0;  // inputs kept
  std::string finding;  // the first: ours, a sanitizer's, a timeout, memory
  std::string input;    // the file that it was saved in

  // Takes one line; true if the numbers changed.
  bool Read(std::string_view line);
  bool failed() const { return !finding.empty() || !input.empty(); }
};

std::string ProgressText(const FuzzerLog& log);
std::string SummaryText(const FuzzerLog& log);
nlohmann::json ToJson(const FuzzerLog& log);

}  // namespace lsm::fuzz
