// The verbs for damaged databases: check, repair.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inspect/check.h"
#include "tools/cli/program.h"

namespace lsm::cli {
namespace {

bool IsDamage(const Finding& finding) { return finding.severity == Finding::Severity::kDamage; }

nlohmann::json ToJson(const std::vector<Finding>& findings) {
  nlohmann::json list = nlohmann::json::array();
  for (const Finding& f : findings) {
    list.push_back({{"severity", IsDamage(f) ? "damage" : "note"},
                    {"file", f.file},
                    {"offset", nullptr},
                    {"text", f.text}});
    if (f.offset.has_value()) list.back()["offset"] = *f.offset;
  }
  return list;
}

Status Check(const std::string& dir, bool json, Program* program) {
  std::vector<Finding> findings;
  LSM_RETURN_IF_ERROR(CheckDatabase(Env::Default(), dir, BytewiseComparator(), &findings));
  const auto damages = std::count_if(findings.begin(), findings.end(), IsDamage);
  if (json) {
    const nlohmann::json report = {{"sound", damages == 0}, {"findings", ToJson(findings)}};
    fmt::print(program->out, "{}\n", report.dump(2));
  } else {
    for (const Finding& f : findings) fmt::print(program->out, "{}\n", ToText(f));
    fmt::print(program->out, "{}\n",
               damages == 0 ? "sound" : fmt::format("damaged: {} findings", damages));
  }
  if (damages > 0) program->exit = kExitFinding;
  return Status::Ok();
}

Status Repair(const Database& database, Program* program) {
  LSM_ASSIGN_OR_RETURN(const Options options, database.MakeOptions());
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
