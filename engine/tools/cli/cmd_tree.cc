// The verbs that work on the tree: flush, compact, stats.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/cli/program.h"

namespace lsm::cli {
namespace {

std::string Property(DB* db, std::string_view name) {
  std::string value;
  return db->GetProperty(name, &value) ? value : std::string();
}

Status PrintLevels(DB* db, Program* program) {
  fmt::print(program->out, "{}", Property(db, "lsm.levels"));
  return Status::Ok();
}

struct CompactArguments {
  Database database;
  Notation notation;
  std::optional<std::string> from, to;
  int level = -1;
};

Status Compact(const CompactArguments& a, Program* program) {
  std::string from, to;
  std::string_view begin, end;
  LSM_RETURN_IF_ERROR(ParseBound(a.notation, a.from, &from, &begin));
  LSM_RETURN_IF_ERROR(ParseBound(a.notation, a.to, &to, &end));
  return a.database.With(Database::Mode::kExisting, [&](DB* db) {
    LSM_RETURN_IF_ERROR(db->CompactRange({.level = a.level}, begin, end));
    return PrintLevels(db, program);
  });
}

// A line of the property lsm.tables: level, number, bytes, smallest and largest key, escaped.
std::vector<std::vector<std::string>> Tables(DB* db) {
  std::vector<std::vector<std::string>> tables;
  for (const std::string& line : CLI::detail::split(Property(db, "lsm.tables"), '\n')) {
    if (!line.empty()) tables.push_back(CLI::detail::split(line, ' '));
  }
  return tables;
}

// A lookup that finds nothing asks every run, were it not for the filters.
uint64_t Runs(const Statistics& s) {
  uint64_t runs = 0;
  for (const LevelStatistics& level : s.level) runs += level.runs;
  return runs;
}

void PrintStatsText(DB* db, const Statistics& s, std::FILE* out) {
  fmt::print(out, "level   runs  files        bytes  score\n");
  for (size_t i = 0; i < s.level.size(); ++i) {
    const LevelStatistics& l = s.level[i];
    if (l.files == 0) continue;
    fmt::print(out, "{:5} {:6} {:6} {:12} {:6.2f}\n", i, l.runs, l.files, l.bytes, l.score);
  }
  fmt::print(out, "\ntable  level        bytes  keys\n");
  for (const std::vector<std::string>& t : Tables(db)) {
    fmt::print(out, "{:>5} {:>6} {:>12}  {} .. {}\n", t[1], t[0], t[2], t[3], t[4]);
  }
  fmt::print(out, "\namplification: space {:.2f}; read, without filters: {} runs a lookup\n",
             s.SpaceAmplification(), Runs(s));
}

nlohmann::json StatsJson(DB* db, const Statistics& s) {
  nlohmann::json levels = nlohmann::json::array(), tables = nlohmann::json::array();
  for (size_t i = 0; i < s.level.size(); ++i) {
    const LevelStatistics& l = s.level[i];
    levels.push_back({{"level", i},
                      {"runs", l.runs},
                      {"files", l.files},
                      {"bytes", l.bytes},
                      {"score", l.score}});
  }
  for (const std::vector<std::string>& t : Tables(db)) {
    tables.push_back({{"level", std::stoull(t[0])},
                      {"table", std::stoull(t[1])},
                      {"bytes", std::stoull(t[2])},
                      {"smallest", t[3]},
                      {"largest", t[4]}});
  }
  return {{"levels", levels},
          {"tables", tables},
          {"space_amplification", s.SpaceAmplification()},
          {"runs", Runs(s)}};
}

Status Stats(const Database& database, bool json, Program* program) {
  return database.With(Database::Mode::kExisting, [&](DB* db) {
    const Statistics statistics = db->GetStatistics();
    if (json) {
      fmt::print(program->out, "{}\n", StatsJson(db, statistics).dump(2));
    } else {
      PrintStatsText(db, statistics, program->out);
    }
    return Status::Ok();
  });
}

void AddFlush(CLI::App* app, Program* program) {
  auto database = std::make_shared<Database>();
  CLI::App* verb = AddVerb(app, program, "flush", "write what is in memory to a table of level 0",
                           "  lsm flush db", [database, program] {
                             return database->With(Database::Mode::kExisting, [&](DB* db) {
                               LSM_RETURN_IF_ERROR(db->Flush());
                               return PrintLevels(db, program);
                             });
                           });
  database->AddTo(verb);
}

void AddCompact(CLI::App* app, Program* program) {
  auto arguments = std::make_shared<CompactArguments>();
  CLI::App* verb = AddVerb(app, program, "compact", "merge tables downwards, then print the levels",
                           "  lsm compact db\n  lsm compact db --from a --to m\n"
                           "  lsm compact db --level 0",
                           [arguments, program] { return Compact(*arguments, program); });
  arguments->database.AddTo(verb);
  verb->add_option("--from", arguments->from, "first key")->type_name("KEY");
  verb->add_option("--to", arguments->to, "last key, included")->type_name("KEY");
  verb->add_option("--level", arguments->level, "the tables of this level alone, into the next one")
      ->check(Between(0, kMaxLevels - 1))
      ->type_name("N");
  arguments->notation.AddTo(verb);
}

void AddStats(CLI::App* app, Program* program) {
  auto database = std::make_shared<Database>();
  auto json = std::make_shared<bool>(false);
  CLI::App* verb = AddVerb(app, program, "stats", "print levels, tables and amplification",
                           "  lsm stats db\n  lsm stats db --json",
                           [database, json, program] { return Stats(*database, *json, program); });
  database->AddTo(verb);
  verb->add_flag("--json", *json, "print as JSON");
}

}  // namespace

void AddTreeVerbs(CLI::App* app, Program* program) {
  AddFlush(app, program);
  AddCompact(app, program);
  AddStats(app, program);
}

}  // namespace lsm::cli
