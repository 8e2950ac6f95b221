#include "testing/result_json.h"

#include "base/check.h"
#include "base/escape.h"
#include "testing/trace_world.h"

namespace lsm::lab {

nlohmann::json ToJson(const RunResult& r) {
  nlohmann::json steps = nlohmann::json::array();
  for (const StepReport& s : r.steps) steps.push_back({{"answer", s.answer}, {"io", s.io}});
  nlohmann::json cuts = nlohmann::json::array();
  for (const CutReport& c : r.cuts) {
    nlohmann::json image = nlohmann::json::array();
    for (const sim::Fate& fate : c.image) image.push_back(fate.ToString());
    cuts.push_back({{"step", c.step}, {"io", c.io}, {"units", c.units}, {"image", image}});
  }
  nlohmann::json dirty = nlohmann::json::array();
  for (const DirtyReport& d : r.dirty) {
    dirty.push_back(
        {{"io", d.io}, {"operation", d.operation}, {"files", d.files}, {"dirs", d.dirs}});
  }
  nlohmann::json strikes = nlohmann::json::array();
  for (const Strike& s : r.strikes) {
    strikes.push_back({{"step", s.step}, {"cut", s.cut}, {"at", PrintAddress(s.at)}});
  }
  return {{"ok", r.ok},
          {"property", static_cast<int>(r.property)},
          {"step", r.step},
          {"key", Escape(r.key)},
          {"expected", r.expected},
          {"actual", r.actual},
          {"operations", r.operations},
          {"checks", r.checks},
          {"crash_states", r.crash_states},
          {"io_count", r.io_count},
          {"io_of_open", r.io_of_open},
          {"schedule_points", r.schedule_points},
          {"steps", steps},
          {"cuts", cuts},
          {"strikes", strikes},
          {"stale", r.stale},
          {"excused", r.excused},
          {"dirty", dirty},
          {"log", r.log}};
}

RunResult ResultFromJson(const nlohmann::json& json) {
  RunResult r;
  r.ok = json.at("ok").get<bool>();
  r.property = static_cast<Property>(json.at("property").get<int>());
  r.step = json.at("step").get<size_t>();
  r.key = *Unescape(json.at("key").get<std::string>());
  r.expected = json.at("expected").get<std::string>();
  r.actual = json.at("actual").get<std::string>();
  r.operations = json.at("operations").get<uint64_t>();
  r.checks = json.at("checks").get<uint64_t>();
  r.crash_states = json.at("crash_states").get<uint64_t>();
  r.io_count = json.at("io_count").get<uint64_t>();
  r.io_of_open = json.at("io_of_open").get<uint64_t>();
  r.schedule_points = json.at("schedule_points").get<uint64_t>();
  for (const auto& s : json.at("steps")) {
    r.steps.push_back({s.at("answer").get<std::string>(), s.at("io").get<uint64_t>()});
  }
  for (const auto& c : json.at("cuts")) {
    CutReport& cut = r.cuts.emplace_back();
    cut.step = c.at("step").get<size_t>();
    cut.io = c.at("io").get<uint64_t>();
    cut.units = c.at("units").get<std::vector<std::string>>();
    for (const auto& fate : c.at("image")) {
      cut.image.push_back(*sim::ParseFate(fate.get<std::string>()));
    }
  }
  for (const auto& s : json.at("strikes")) {
    Strike strike{s.at("step").get<size_t>(), s.at("cut").get<size_t>(), {}};
    LSM_CHECK(ReadAddress(s.at("at").get<std::string>(), &strike.at));
    r.strikes.push_back(strike);
  }
  r.stale = json.at("stale").get<std::vector<std::string>>();
  r.excused = json.at("excused").get<std::string>();
  for (const auto& d : json.at("dirty")) {
    r.dirty.push_back({d.at("io").get<uint64_t>(), d.at("operation").get<std::string>(),
                       d.at("files").get<std::vector<std::string>>(),
                       d.at("dirs").get<std::vector<std::string>>()});
  }
  r.log = json.at("log").get<std::string>();
  return r;
}

}  // namespace lsm::lab
