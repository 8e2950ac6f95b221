// The verbs that work on ranges of keys without reading them: sizes, delete-files.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/cli/program.h"

namespace lsm::cli {
namespace {

struct RangeArguments {
  Database database;
  Notation notation;
  std::optional<std::string> from, to;
  bool json = false;

  // The range, of bytes that are kept here.
  Status Prepare(Range* range) {
    LSM_RETURN_IF_ERROR(ParseBound(notation, from, &from_bytes_, &range->begin));
    return ParseBound(notation, to, &to_bytes_, &range->end);
  }
  void AddTo(CLI::App* verb, const std::string& about_to) {
    database.AddTo(verb);
    verb->add_option("--from", from, "first key")->type_name("KEY");
    verb->add_option("--to", to, about_to)->type_name("KEY");
    notation.AddTo(verb);
  }

 private:
  std::string from_bytes_, to_bytes_;
};

Status Sizes(RangeArguments* a, Program* program) {
  Range range;
  LSM_RETURN_IF_ERROR(a->Prepare(&range));
  return a->database.With(Database::Mode::kExisting, [&](DB* db) {
    const std::vector<Range> ranges = {range, {}};
    std::vector<uint64_t> bytes;
    LSM_RETURN_IF_ERROR(db->ApproximateSizes({.include_memtables = true}, ranges, &bytes));
    if (a->json) {
      const nlohmann::json json = {{"bytes", bytes[0]}, {"all_bytes", bytes[1]}};
      fmt::print(program->out, "{}\n", json.dump());
    } else {
      fmt::print(program->out, "about {} of {} bytes\n", bytes[0], bytes[1]);
    }
    return Status::Ok();
  });
}

Status DeleteFiles(RangeArguments* a, Program* program) {
  Range range;
  LSM_RETURN_IF_ERROR(a->Prepare(&range));
  if (!a->from.has_value() && !a->to.has_value()) {
    return Status::InvalidArgument("--from or --to is required: without both all tables would go");
  }
  return a->database.With(Database::Mode::kExisting, [&](DB* db) {
    LSM_ASSIGN_OR_RETURN(const uint64_t tables, db->DeleteFilesInRange(range.begin, range.end));
    fmt::print(program->out, "{} tables deleted\n", tables);
    return Status::Ok();
  });
}

}  // namespace

void AddRangeVerbs(CLI::App* app, Program* program) {
  auto sizes = std::make_shared<RangeArguments>();
  CLI::App* verb = AddVerb(app, program, "sizes", "tell about how many bytes a range of keys takes",
                           "  lsm sizes db --from a --to m\n  lsm sizes db --from a --json",
                           [sizes, program] { return Sizes(sizes.get(), program); });
  sizes->AddTo(verb, "the key behind the last one");
  verb->add_flag("--json", sizes->json, "print as JSON");

  auto files = std::make_shared<RangeArguments>();
  verb = AddVerb(app, program, "delete-files",
                 "delete the tables that lie wholly within a range of keys",
                 "  lsm delete-files db --from 2024-01 --to 2024-12\n  lsm delete-files db --to m",
                 [files, program] { return DeleteFiles(files.get(), program); });
  files->AddTo(verb, "last key, included");
}

}  // namespace lsm::cli
