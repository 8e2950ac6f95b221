#include "workloads/compare.h"

#include <fmt/format.h>

#include <algorithm>

namespace lsm::bench {
namespace {

constexpr double kLeastBound = 0.05;
constexpr double kBoundOfFewRounds = 0.25;
constexpr uint64_t kFewRounds = 3;

double Part(const Spread& s) { return s.median == 0 ? 0 : (s.max - s.min) / s.median; }

// The setup without what may differ: how often it was repeated.
nlohmann::json ComparableSetup(const nlohmann::json& document) {
  nlohmann::json setup = document.value("setup", nlohmann::json::object());
  for (const char* name : {"rounds", "warmup_rounds", "keys"}) setup.erase(name);
  setup["cpu"] = document.value("/machine/cpu"_json_pointer, "");
  return setup;
}

}  // namespace

Change ChangeOf(const Summary& before, const Summary& after) {
  Change c{before.workload, before.engine, before.keys, before.drained_rate.median,
           after.drained_rate.median};
  c.bound = std::max(kLeastBound, Part(before.drained_rate) + Part(after.drained_rate));
  if (std::min(before.rounds, after.rounds) < kFewRounds) {
    c.bound = std::max(c.bound, kBoundOfFewRounds);
  }
  c.slower = c.after * (1 + c.bound) < c.before;
  c.faster = c.after > c.before * (1 + c.bound);
  return c;
}

Result<std::vector<Change>> Compare(const nlohmann::json& before, const nlohmann::json& after) {
  const nlohmann::json setup = ComparableSetup(before), other = ComparableSetup(after);
  if (setup != other) {
    return Status::InvalidArgument("the two were not measured alike: " +
                                   nlohmann::json::diff(setup, other).dump());
  }
  std::vector<Change> changes;
  for (const nlohmann::json& a : before.at("summaries")) {
    for (const nlohmann::json& b : after.at("summaries")) {
      if (a["workload"] != b["workload"] || a["engine"] != b["engine"] || a["keys"] != b["keys"]) {
        continue;
      }
      changes.push_back(ChangeOf(a.get<Summary>(), b.get<Summary>()));
    }
  }
  if (changes.empty()) return Status::InvalidArgument("the two have no workload in common");
  return changes;
}

std::string ToTable(const std::vector<Change>& changes) {
  std::string text = fmt::format("{:<18}{:<9}{:>10}{:>12}{:>12}{:>9}{:>9}\n", "workload", "engine",
                                 "keys", "before k/s", "after k/s", "ratio", "noise");
  for (const Change& c : changes) {
    text += fmt::format("{:<18}{:<9}{:>10}{:>12.1f}{:>12.1f}{:>9.2f}{:>9.2f}{}\n", c.workload,
                        c.engine, c.keys, c.before / 1000, c.after / 1000,
                        c.before == 0 ? 0 : c.after / c.before, 1 + c.bound,
                        c.slower   ? "  SLOWER"
                        : c.faster ? "  faster"
                                   : "");
  }
  return text;
}

}  // namespace lsm::bench
