// What measurements say together: medians, spread, ratios; as JSON, CSV and tables.
//
// A document (docs/benchmarks.md):
//   {"format": "lsmlab-bench 1", "suite": ..., "machine": {...}, "engines": [...], "setup": {...},
//    "command": ..., "complete": bool, "failures": [...], "measurements": [...],
//    "summaries": [...]}
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "workloads/rounds.h"

namespace lsm::bench {

struct Spread {
  double median = 0, min = 0, max = 0;
};
Spread SpreadOf(std::vector<double> values);  // zeros of none

// One workload on one engine with one number of keys, over its rounds.
struct Summary {
  std::string workload, engine;
  uint64_t keys = 0, rounds = 0;
  Spread rate, drained_rate;
  Measurement median;  // of each field by itself; texts are the last round's
};
std::vector<Summary> Summarise(const std::vector<Measurement>& measurements);

// Rate of the first engine divided by that of another, round by round.
struct Ratio {
  std::string workload, to;
  uint64_t keys = 0;
  Spread rate, drained_rate;
};
std::vector<Ratio> Ratios(const std::vector<Measurement>& measurements);

struct DocumentHead {
  std::string suite, command;
  std::vector<std::string> notes;  // about the engines: printed above each table
};
// Also says which libraries were measured and whether they carry assertions.
nlohmann::json MakeDocument(const DocumentHead& head, const RoundsOptions& options,
                            const Rounds& rounds);
std::string ToCsv(const std::vector<Measurement>& measurements);
// For a person.
std::string ToTables(const nlohmann::json& document);

// InvalidArgument: no document of this format, or of another suite than `suite` if that is given.
Result<nlohmann::json> LoadDocument(const std::string& path, const std::string& suite);

void to_json(nlohmann::json& json, const Spread& spread);
void from_json(const nlohmann::json& json, Spread& spread);
void to_json(nlohmann::json& json, const Summary& summary);
void from_json(const nlohmann::json& json, Summary& summary);

}  // namespace lsm::bench
