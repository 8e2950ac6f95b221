// The verb dump: a file's bytes with their meaning.
#include <fmt/format.h>

#include "inspect/dump.h"
#include "tools/cli/program.h"

namespace lsm::cli {
namespace {

struct DumpArguments {
  std::string kind, file;
};

Status Dump(const DumpArguments& a, Program* program) {
  const auto dump = a.kind == "wal" ? DumpWal : a.kind == "sst" ? DumpTable : DumpManifest;
  std::string text;
  LSM_ASSIGN_OR_RETURN(const bool clean, dump(Env::Default(), a.file, &text));
  fmt::print(program->out, "{}", text);
  if (!clean) program->exit = kExitFinding;
  return Status::Ok();
}

}  // namespace

void AddDumpVerb(CLI::App* app, Program* program) {
  auto arguments = std::make_shared<DumpArguments>();
  CLI::App* verb = AddVerb(app, program, "dump", "print a file field by field, damaged ones too",
                           "  lsm dump wal db/000003.log\n  lsm dump sst db/000005.ldb\n"
                           "  lsm dump manifest db/MANIFEST-000002",
                           [arguments, program] { return Dump(*arguments, program); });
  verb->add_option("KIND", arguments->kind, "wal, sst or manifest")
      ->required()
      ->check(CLI::IsMember({"wal", "sst", "manifest"}).description(""));
  verb->add_option("FILE", arguments->file, "the file")->required();
}

}  // namespace lsm::cli
