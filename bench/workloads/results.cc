#include "workloads/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "lsm/options_text.h"
#include "testing/files.h"
#include "workloads/process.h"

namespace lsm::bench {
namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "lsmlab-bench 1";

double Fraction(double part, double whole) { return whole == 0 ? 0 : part / whole; }

// Field by field, by way of JSON: a new field needs no line here.
Measurement MedianOf(const std::vector<const Measurement*>& rounds) {
  json median = *rounds.back();
  for (auto& [name, value] : median.items()) {
    if (!value.is_number()) continue;
    std::vector<double> values;
    for (const Measurement* m : rounds) values.push_back(json(*m)[name].get<double>());
    const double middle = SpreadOf(values).median;
    if (value.is_number_float()) {
      value = middle;
    } else {
      value = static_cast<uint64_t>(middle);
    }
  }
  return median.get<Measurement>();
}

template <class Of>
Spread SpreadBy(const std::vector<const Measurement*>& rounds, const Of& of) {
  std::vector<double> values;
  for (const Measurement* m : rounds) values.push_back(of(*m));
  return SpreadOf(std::move(values));
}

// Groups in the order in which they first appear.
template <class KeyOf>
std::vector<std::vector<const Measurement*>> GroupBy(const std::vector<Measurement>& all,
                                                     const KeyOf& key_of) {
  std::map<decltype(key_of(all[0])), size_t> place;
  std::vector<std::vector<const Measurement*>> groups;
  for (const Measurement& m : all) {
    const size_t at = place.emplace(key_of(m), groups.size()).first->second;
    if (at == groups.size()) groups.emplace_back();
    groups[at].push_back(&m);
  }
  return groups;
}

json DescribeEngines(const std::vector<StoreInfo>& engines) {
  json all = json::array();
  for (const StoreInfo& engine : engines) {
    const Library library = engine.library.empty() ? Library() : FindLibrary(engine.library);
    all.push_back({{"name", engine.name},
                   {"version", engine.version},
                   {"library", library.path},
                   {"assertions", library.assertions}});
  }
  return all;
}

json DescribeSetup(const RoundsOptions& options) {
  json knobs = json::object();
  for (const OptionInfo& option : DescribeOptions(options.store.knobs)) {
    knobs[option.name] = option.value;
  }
  return {{"defaults", options.store.defaults},
          {"knobs", knobs},
          {"keys", options.load.keys},
          {"value_bytes", options.load.value_bytes},
          {"entropy", options.load.entropy},
          {"threads", options.load.threads},
          {"seed", options.load.seed},
          {"rounds", options.rounds},
          {"warmup_rounds", options.warmup_rounds}};
}

std::string TableOf(const std::vector<json>& summaries) {
  std::string text =
      fmt::format("{:<18}{:<9}{:>10}{:>7}{:>10}{:>9}{:>9}{:>10}{:>8}{:>7}{:>7}{:>7}{:>9}{:>7}\n",
                  "workload", "engine", "k/s", "+-%", "drained", "p50 us", "p99 us", "p99.9 us",
                  "cpu us", "anon", "peak", "w.amp", "open ms", "stalls");
  std::string last;
  for (const json& one : summaries) {
    const auto s = one.get<Summary>();
    const Measurement& m = s.median;
    text += fmt::format(
        "{:<18}{:<9}{:>10.1f}{:>7.1f}{:>10.1f}{:>9.2f}{:>9.2f}{:>10.1f}{:>8.2f}{:>7.1f}{:>7.1f}"
        "{:>7.2f}{:>9.2f}{:>7}\n",
        s.workload == last ? "" : s.workload, s.engine, s.rate.median / 1000,
        100 * Fraction(s.rate.max - s.rate.min, 2 * s.rate.median), s.drained_rate.median / 1000,
        m.p50_us, m.p99_us, m.p999_us, m.cpu_us_per_entry,
        static_cast<double>(m.anonymous_bytes) / (1 << 20),
        static_cast<double>(m.peak_bytes) / (1 << 20),
        Fraction(static_cast<double>(m.written_bytes), static_cast<double>(m.user_bytes)),
        m.open_ms, m.stalls);
    last = s.workload;
  }
  return text;
}

std::string RatioTable(const json& ratios) {
  if (ratios.empty()) return "";
  std::string text = fmt::format("\n{:<18}{:<9}{:>8}  {:<16}{:>8}  {}\n", "lsmlab divided by", "",
                                 "ratio", "rounds", "drained", "rounds");
  std::string last;
  for (const json& one : ratios) {
    const auto rate = one["rate"].get<Spread>(), drained = one["drained_rate"].get<Spread>();
    const std::string workload = one["workload"];
    text += fmt::format("{:<18}{:<9}{:>8.2f}  {:<16}{:>8.2f}  {:.2f} to {:.2f}\n",
                        workload == last ? "" : workload, one["to"].get<std::string>(), rate.median,
                        fmt::format("{:.2f} to {:.2f}", rate.min, rate.max), drained.median,
                        drained.min, drained.max);
    last = workload;
  }
  return text;
}

}  // namespace

Spread SpreadOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back()};
}

std::vector<Summary> Summarise(const std::vector<Measurement>& measurements) {
  std::vector<Summary> all;
  const auto key = [](const Measurement& m) { return std::tuple(m.keys, m.workload, m.engine); };
  for (const auto& rounds : GroupBy(measurements, key)) {
    Summary s;
    s.workload = rounds[0]->workload;
    s.engine = rounds[0]->engine;
    s.keys = rounds[0]->keys;
    s.rounds = rounds.size();
    s.rate = SpreadBy(rounds, [](const Measurement& m) { return m.rate; });
    s.drained_rate = SpreadBy(rounds, [](const Measurement& m) { return m.drained_rate; });
    s.median = MedianOf(rounds);
    all.push_back(std::move(s));
  }
  return all;
}

std::vector<Ratio> Ratios(const std::vector<Measurement>& measurements) {
  std::vector<Ratio> all;
  if (measurements.empty()) return all;
  const std::string& ours = measurements[0].engine;
  std::map<std::tuple<uint64_t, std::string, uint64_t>, const Measurement*> mine;
  for (const Measurement& m : measurements) {
    if (m.engine == ours) mine[{m.keys, m.workload, m.round}] = &m;
  }
  const auto key = [](const Measurement& m) { return std::tuple(m.keys, m.workload, m.engine); };
  for (const auto& rounds : GroupBy(measurements, key)) {
    if (rounds[0]->engine == ours) continue;
    std::vector<double> rates, drained;
    for (const Measurement* m : rounds) {
      const auto at = mine.find({m->keys, m->workload, m->round});
      if (at == mine.end()) continue;
      rates.push_back(Fraction(at->second->rate, m->rate));
      drained.push_back(Fraction(at->second->drained_rate, m->drained_rate));
    }
    all.push_back({rounds[0]->workload, rounds[0]->engine, rounds[0]->keys,
                   SpreadOf(std::move(rates)), SpreadOf(std::move(drained))});
  }
  return all;
}

json MakeDocument(const DocumentHead& head, const RoundsOptions& options, const Rounds& rounds) {
  const Machine machine = DescribeMachine();
  json ratios = json::array();
  for (const Ratio& r : Ratios(rounds.measurements)) {
    ratios.push_back({{"workload", r.workload},
                      {"to", r.to},
                      {"keys", r.keys},
                      {"rate", r.rate},
                      {"drained_rate", r.drained_rate}});
  }
  return {{"format", kFormat},
          {"suite", head.suite},
          {"command", head.command},
          {"notes", head.notes},
          {"machine",
           {{"cpu", machine.cpu},
            {"cpus", machine.cpus},
            {"memory_bytes", machine.memory_bytes},
            {"kernel", machine.kernel},
            {"load_at_end", machine.load},
            {"compiler", machine.compiler},
            {"optimised", machine.optimised}}},
          {"engines", DescribeEngines(options.engines)},
          {"setup", DescribeSetup(options)},
          {"complete", !rounds.interrupted && rounds.failures.empty()},
          {"failures", rounds.failures},
          {"loads", rounds.loads},
          {"measurements", rounds.measurements},
          {"summaries", Summarise(rounds.measurements)},
          {"ratios", ratios}};
}

std::string ToCsv(const std::vector<Measurement>& measurements) {
  const json names = Measurement();
  std::string csv;
  for (const auto& [name, value] : names.items()) csv += (csv.empty() ? "" : ",") + name;
  for (const Measurement& m : measurements) {
    const json fields = m;
    std::string row;
    for (const auto& [name, value] : fields.items()) {
      row += (row.empty() ? "\n" : ",") + value.dump();  // texts in quotes; none has one inside
    }
    csv += row;
  }
  return csv + "\n";
}

std::string ToTables(const json& document) {
  std::string text;
  for (const json& engine : document["engines"]) {
    const std::string library = engine["library"];
    if (library.empty()) continue;
    text += fmt::format("{}: {}, {}\n", engine["version"].get<std::string>(), library,
                        engine["assertions"].get<bool>()
                            ? "built WITH ASSERTIONS: a release build is faster"
                            : "built without assertions");
  }
  for (const json& note : document["notes"]) text += note.get<std::string>() + "\n";
  for (const json& load : document["loads"]) {
    const auto m = load.get<Measurement>();
    text += fmt::format("Loaded and drained, {} keys in {}: {}\n", m.keys, m.engine, m.shape);
  }
  std::map<uint64_t, std::vector<json>> by_keys;
  for (const json& s : document["summaries"]) by_keys[s["keys"]].push_back(s);
  for (const auto& [keys, summaries] : by_keys) {
    text += fmt::format("\n{} keys\n{}", keys, TableOf(summaries));
  }
  text += RatioTable(document["ratios"]);
  for (const json& failure : document["failures"]) {
    text += "FAILED: " + failure.get<std::string>() + "\n";
  }
  return text;
}

Result<json> LoadDocument(const std::string& path, const std::string& suite) {
  LSM_ASSIGN_OR_RETURN(const std::string text, lab::LoadText(path));
  json document = json::parse(text, nullptr, false);
  if (document.is_discarded() || !document.is_object() || document.value("format", "") != kFormat) {
    return Status::InvalidArgument(
        fmt::format("{}: no result of lsm-bench (\"format\": \"{}\")", path, kFormat));
  }
  if (!suite.empty() && document.value("suite", "") != suite) {
    return Status::InvalidArgument(
        fmt::format("{}: is of suite {}, not {}", path, document.value("suite", "none"), suite));
  }
  return document;
}

void to_json(json& j, const Spread& s) {
  j = {{"median", s.median}, {"min", s.min}, {"max", s.max}};
}
void from_json(const json& j, Spread& s) {
  s = {j.value("median", 0.0), j.value("min", 0.0), j.value("max", 0.0)};
}
void to_json(json& j, const Summary& s) {
  j = {{"workload", s.workload}, {"engine", s.engine}, {"keys", s.keys},
       {"rounds", s.rounds},     {"rate", s.rate},     {"drained_rate", s.drained_rate},
       {"median", s.median}};
}
void from_json(const json& j, Summary& s) {
  j.at("workload").get_to(s.workload);
  j.at("engine").get_to(s.engine);
  j.at("keys").get_to(s.keys);
  j.at("rounds").get_to(s.rounds);
  j.at("rate").get_to(s.rate);
  j.at("drained_rate").get_to(s.drained_rate);
  j.at("median").get_to(s.median);
}

}  // namespace lsm::bench
