// The verbs for damaged databases: check, repair.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inspect/check.h"
#include "tools/cli/program.h"

namespace lsm::cli {
namespace {

size_t Count(const std::vector<Finding>& findings, Finding::Severity severity) {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const Finding& f) { return f.severity == severity; });
}

nlohmann::json ToJson(const std::vector<Finding>& findings) {
  nlohmann::json list = nlohmann::json::array();
  for (const Finding& f : findings) {
    list.push_back({{"severity", SeverityName(f.severity)},
                    {"file", f.file},
                    {"offset", nullptr},
                    {"text", f.text}});
    if (f.offset.has_value()) list.back()["offset"] = *f.offset;
  }
  return list;
}

Status Check(const std::string& dir, bool json, Program* program) {
  LSM_RETURN_IF_ERROR(RequireDatabase(dir, Purpose::kRescue));
  std::vector<Finding> findings;
  LSM_RETURN_IF_ERROR(CheckDatabase(Env::Default(), dir, BytewiseComparator(), &findings));
  const size_t damages = Count(findings, Finding::Severity::kDamage);
  const size_t suspects = Count(findings, Finding::Severity::kSuspect);
  const bool sound = damages + suspects == 0;
  if (json) {
    const nlohmann::json report = {{"sound", sound}, {"findings", ToJson(findings)}};
    fmt::print(program->out, "{}\n", report.dump(2));
  } else {
    for (const Finding& f : findings) fmt::print(program->out, "{}\n", ToText(f));
    if (damages > 0) {
      fmt::print(program->out, "damaged: {} findings\nrepair: ./lab lsm repair {}\n", damages, dir);
    } else {
      fmt::print(program->out, "{}\n", sound ? "sound" : "suspect");
    }
  }
  if (!sound) program->exit = kExitFinding;
  return Status::Ok();
}

Status Repair(const Database& database, Program* program) {
  LSM_ASSIGN_OR_RETURN(const Options options, database.given.Make());
  LSM_RETURN_IF_ERROR(RequireDatabase(database.dir, Purpose::kRescue));
  std::string report;
  const Status s = DB::Repair(options, database.dir, &report);
  fmt::print(program->out, "{}", report);  // also of a repair that failed
  return s;
}

}  // namespace

void AddCheckVerbs(CLI::App* app, Program* program) {
  auto checked = std::make_shared<Database>();
  auto json = std::make_shared<bool>(false);
  CLI::App* check =
      AddVerb(app, program, "check",
              "read every file of a closed database and list all damage; changes nothing",
              "  lsm check db\n  lsm check db --json",
              [checked, json, program] { return Check(checked->dir, *json, program); });
  check->add_option("DIR", checked->dir, "directory of the database")->required();
  check->add_flag("--json", *json, "print as JSON");

  auto repaired = std::make_shared<Database>();
  CLI::App* repair =
      AddVerb(app, program, "repair",
              "make a database of what can still be read; the rest moves to DIR/lost",
              "  lsm check db || lsm repair db",
              [repaired, program] { return Repair(*repaired, program); });
  repaired->AddTo(repair);
}

}  // namespace lsm::cli
