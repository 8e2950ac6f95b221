#include "amplification/report.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

namespace lsm::bench {
namespace {

std::string FilterName(const SweepPoint& p) {
  return fmt::format("{}{}", p.bits, p.allocation == FilterAllocation::kMonkey ? " monkey" : "");
}

bool IsMarked(const Figure& f) { return std::abs(f.Deviation()) > kMarkedDeviation; }

nlohmann::json PointJson(const SweepPoint& p, const Amplification& a) {
  nlohmann::json j = {{"policy", PolicyName(p.policy)},
                      {"load", LoadName(p.load)},
                      {"ratio", p.ratio},
                      {"memtable", p.memtable},
                      {"keys", p.keys},
                      {"bits", p.bits},
                      {"monkey", p.allocation == FilterAllocation::kMonkey},
                      {"write_per_level", a.write_per_level},
                      {"blocks_absent", a.blocks_absent},
                      {"blocks_present", a.blocks_present},
                      {"blocks_scan10", a.blocks_scan10}};
  for (const auto& [name, figure] : Figures(a)) {
    nlohmann::json& f = j[std::string(name)];
    f = {{"counted", figure.counted},
         {"closed", figure.closed},
         {"deviation", figure.Deviation()},
         {"marked", IsMarked(figure)}};
    if (IsMarked(figure)) f["explanation"] = Explanation(p, name);
  }
  return j;
}

}  // namespace

nlohmann::json ToJson(const SweepResults& results, const std::string& command) {
  nlohmann::json points = nlohmann::json::array();
  for (const auto& [point, amplification] : results) {
    points.push_back(PointJson(point, amplification));
  }
  return {{"format", "lsmlab-bench 1"},
          {"suite", "amplification"},
          {"command", command},
          {"points", points}};
}

std::string ToCsv(const SweepResults& results) {
  std::string csv = "load,policy,ratio,memtable,keys,bits,monkey";
  for (const auto& [name, figure] : Figures(Amplification())) {
    csv += fmt::format(",{0},{0}_closed", name);
  }
  csv += ",blocks_absent,blocks_present,blocks_scan10\n";
  for (const auto& [p, a] : results) {
    csv += fmt::format("{},{},{},{},{},{},{}", LoadName(p.load), PolicyName(p.policy), p.ratio,
                       p.memtable, p.keys, p.bits, p.allocation == FilterAllocation::kMonkey);
    for (const auto& [name, f] : Figures(a)) csv += fmt::format(",{},{}", f.counted, f.closed);
    csv += fmt::format(",{},{},{}\n", a.blocks_absent, a.blocks_present, a.blocks_scan10);
  }
  return csv;
}

std::string ToTable(const SweepResults& results) {
  std::string text =
      fmt::format("{:<9}{:<14}{:>3}{:>6}  {:<10}", "load", "policy", "T", "M", "bits");
  for (const auto& [name, figure] : Figures(Amplification())) text += fmt::format("{:>16} ", name);
  text += fmt::format("{:>8}{:>8}{:>8}\n", "absent", "present", "scan10");
  std::set<std::string> explanations;
  for (const auto& [p, a] : results) {
    text += fmt::format("{:<9}{:<14}{:>3}{:>6}  {:<10}", LoadName(p.load), PolicyName(p.policy),
                        p.ratio, p.memtable, FilterName(p));
    for (const auto& [name, f] : Figures(a)) {
      text += fmt::format("{:>8.3f} ({:>5.2f}){}", f.counted, f.closed, IsMarked(f) ? '*' : ' ');
      if (!IsMarked(f)) continue;
      const std::string why = Explanation(p, name);
      explanations.insert(
          why.empty() ? fmt::format("{} of {}: not explained", name, PolicyName(p.policy)) : why);
    }
    text += fmt::format("{:>8.2f}{:>8.2f}{:>8.2f}\n", a.blocks_absent, a.blocks_present,
                        a.blocks_scan10);
  }
  text +=
      "Counted, and in parentheses by the closed form; behind them blocks read for each lookup and "
      "scan.\nForms: docs/policies.md (write, runs, space); Dayan, Athanassoulis, Idreos: Monkey, "
      "SIGMOD 2017 (searched).\n";
  for (const std::string& line : explanations) text += "* " + line + "\n";
  return text;
}

}  // namespace lsm::bench
