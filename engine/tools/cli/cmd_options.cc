// The verb options: shows all knobs of the engine, and makes files of them.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "db/check_options.h"
#include "lsm/options_text.h"
#include "tools/cli/program.h"

namespace lsm::cli {
namespace {

struct OptionsArguments {
  Database database;  // without a directory: no database is opened
  std::string save;   // empty: do not
  bool json = false;
};

void PrintText(const std::vector<OptionInfo>& infos, std::FILE* out) {
  fmt::print(out, "{:<24} {:<10} {:<10} {:<34} {}\n", "option", "value", "default", "range", "");
  for (const OptionInfo& info : infos) {
    const std::string range = info.unit.empty() ? info.range : info.range + " " + info.unit;
    fmt::print(out, "{:<24} {:<10} {:<10} {:<34} {}\n", info.name, info.value, info.default_value,
               range, info.about);
  }
}

nlohmann::json ToJson(const std::vector<OptionInfo>& infos) {
  nlohmann::json array = nlohmann::json::array();
  for (const OptionInfo& info : infos) {
    array.push_back({{"name", info.name},
                     {"value", info.value},
                     {"default", info.default_value},
                     {"range", info.range},
                     {"unit", info.unit},
                     {"about", info.about}});
  }
  return array;
}

// Anything but a file of options is somebody's.
Status Save(const std::string& path, const Options& options) {
  Env* env = Env::Default();
  Options scratch;
  if (env->FileExists(path) && !LoadOptions(env, path, &scratch).ok()) {
    return Status::InvalidArgument(
        fmt::format("--save {}: it exists and is no file of options; choose another name", path));
  }
  return SaveOptions(env, path, options);
}

Status Run(const OptionsArguments& a, Program* program) {
  LSM_ASSIGN_OR_RETURN(const Options options, a.database.given.Make());
  LSM_RETURN_IF_ERROR(CheckOptions(options));
  if (!a.database.dir.empty()) {
    LSM_RETURN_IF_ERROR(
        a.database.With(Database::Mode::kExisting, [](DB*) { return Status::Ok(); }));
  }
  if (!a.save.empty()) return Save(a.save, options);
  const std::vector<OptionInfo> infos = DescribeOptions(options);
  if (a.json) {
    fmt::print(program->out, "{}\n", ToJson(infos).dump(2));
  } else {
    PrintText(infos, program->out);
  }
  return Status::Ok();
}

}  // namespace

void AddOptionsVerb(CLI::App* app, Program* program) {
  auto arguments = std::make_shared<OptionsArguments>();
  CLI::App* verb =
      AddVerb(app, program, "options", "show all knobs of the engine, or save them to a file",
              "  lsm options\n  lsm options --option size_ratio=4 --save small.options\n"
              "  lsm options db --options small.options",
              [arguments, program] { return Run(*arguments, program); });
  verb->add_option("DIR", arguments->database.dir,
                   "a database to open with them: what does not fit is told");
  arguments->database.given.AddTo(verb);
  verb->add_option("--save", arguments->save, "write them to this file, and print nothing")
      ->type_name("FILE");
  verb->add_flag("--json", arguments->json, "print as JSON");
}

}  // namespace lsm::cli
