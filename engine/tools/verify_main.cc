// lsm-verify: does this build keep its promises? Runs the rows of tools/verify, prints one line
// each and the story of every finding. Exit status: 0 all well, 1 findings, 2 wrong usage.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>

#include "lsm/env.h"
#include "testing/files.h"
#include "testing/guarantees.h"
#include "tools/verify/engine_rows.h"
#include "tools/verify/rows.h"
#include "tools/verify/unicode.h"

namespace lsm::lab {
namespace {

constexpr const char* kRowNames[] = {
    "smoke",   "contracts",     "units",      "model",       "crashes",     "schedules",
    "faults",  "damage",        "unicode",    "ycsb",        "determinism", "leveldb",
    "marks",   "amplification", "sweep",      "io-errors",   "fuzz",        "histories",
    "threads", "damaged",       "exhaustive", "metamorphic", "kill"};

std::string_view EffortName(Effort effort) {
  return effort == Effort::kQuick ? "quick" : effort == Effort::kFull ? "full" : "normal";
}

class Verification {
 public:
  Verification(VerifyOptions options, std::vector<std::string> only)
      : options_(std::move(options)), only_(std::move(only)) {}

  // The exit status.
  int Run(const std::string& json_file) {
    if (!CanReport(json_file)) return 2;
    Do("smoke", [&] { return SmokeRow(options_); });
    Do("contracts", [&] { return ContractsRow(options_); });
    Do("units", [&] { return UnitsRow(options_); });
    for (const Flavour flavour : {Flavour::kModel, Flavour::kCrashes, Flavour::kSchedules,
                                  Flavour::kFaults, Flavour::kHistories, Flavour::kDamaged}) {
      Do(FlavourName(flavour), [&] { return TraceRow(options_, flavour); });
    }
    Do("threads", [&] { return ThreadsRow(options_); });
    Do("sweep", [&] { return SweepRow(options_); });
    Do("io-errors", [&] { return IoErrorsRow(options_); });
    Do("exhaustive", [&] { return ExhaustiveRow(options_); });
    Do("metamorphic", [&] { return MetamorphicRow(options_); });
    Do("kill", [&] { return KillRow(options_); });
    Do("damage", [&] { return DamageRow(options_); });
    Do("fuzz", [&] { return FuzzRow(options_); });
    // LevelDB reads what the Unicode row leaves behind.
    if (Wanted("unicode") || Wanted("leveldb")) Finish(UnicodeRow(options_));
    Row ycsb;
    if (Wanted("ycsb") || Wanted("amplification")) {
      ycsb = YcsbRow(options_);
      const Row amplification = AmplificationRow(&ycsb);
      Finish(ycsb);
      Finish(amplification);
    }
    Do("determinism", [&] { return DeterminismRow(options_); });
    Do("leveldb", [&] { return LevelDbRow(options_); });
    Do("marks", [&] { return MarksRow(only_.empty() && options_.effort != Effort::kQuick); });
    RemoveDatabases();
    return Conclude(json_file);
  }

  // The same for an engine that was written elsewhere.
  int RunEngine(const EngineInfo& engine, sim::Profile profile, const std::string& json_file) {
    if (!CanReport(json_file)) return 2;
    fmt::print("{}\n", engine.version);
    std::fflush(stdout);
    Do("model", [&] { return EngineModelRow(options_, engine); });
    if (Wanted("crashes")) {
      CrashReport report = EngineCrashRow(options_, engine, profile);
      Finish(report.row);
      for (const Story& story : report.stories) {
        fmt::print("\n{}\n", ToText(story));
        json_.back()["stories"].push_back(ToJson(story));
      }
    }
    Env::Default()->RemoveDir(options_.out).IgnoreError();  // not empty: there were findings
    return Conclude(json_file);
  }

 private:
  // Tried before the work. What stood in the file is of another run.
  bool CanReport(const std::string& json_file) const {
    if (Status s = json_file.empty() ? Status::Ok() : SaveText(json_file, ""); !s.ok()) {
      fmt::print(stderr, "lsm-verify: --json {}: {}\n", json_file, s.ToString());
      return false;
    }
    if (Status s = Env::Default()->CreateDir(options_.out); !s.ok()) {
      fmt::print(stderr, "lsm-verify: --out {}: {}\n", options_.out, s.ToString());
      return false;
    }
    return true;
  }

  bool Wanted(std::string_view name) const {
    return only_.empty() || std::find(only_.begin(), only_.end(), name) != only_.end();
  }

  void Do(std::string_view name, const std::function<Row()>& run) {
    if (Wanted(name)) Finish(run());
  }

  void Finish(const Row& row) {
    fmt::print("{}\n", ToText(row));
    if (row.story.has_value()) fmt::print("\n{}\n", ToText(*row.story));
    std::fflush(stdout);
    if (row.verdict == RowVerdict::kFinding) ++findings_;
    json_.push_back(ToJson(row));
  }

  // What is only there to be read by LevelDB; findings stay.
  void RemoveDatabases() {
    for (const UnicodeVariant& variant : UnicodeVariants(options_)) {
      RemoveTree(variant.Directory(options_)).IgnoreError();
    }
    Env::Default()->RemoveDir(options_.out).IgnoreError();  // not empty: there were findings
  }

  int Conclude(const std::string& json_file) {
    const nlohmann::json report = {{"version", 1},
                                   {"seed", options_.seed},
                                   {"effort", EffortName(options_.effort)},
                                   {"findings", findings_},
                                   {"rows", json_}};
    if (!json_file.empty()) {
      if (Status s = SaveText(json_file, report.dump(2) + "\n"); !s.ok()) {
        fmt::print(stderr, "{}\n", s.ToString());
        return 2;
      }
    }
    fmt::print("{}\n", findings_ == 0 ? "verified" : fmt::format("{} findings", findings_));
    return findings_ == 0 ? 0 : 1;
  }

  const VerifyOptions options_;
  const std::vector<std::string> only_;
  nlohmann::json json_ = nlohmann::json::array();
  int findings_ = 0;
};

// A number that is at least `least`: CLI11 alone takes -5 for a huge one.
CLI::Validator NumberFrom(uint64_t least) {
  return CLI::Validator(
      [least](const std::string& text) {
        uint64_t n = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, n);
        if (error == std::errc() && stop == end && n >= least) return std::string();
        return fmt::format("{} is no number from {} up", text, least);
      },
      "");
}

// The exit status.
int RefuseUsage(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining();
  const std::string what = unknown.empty() ? error.what() : "unknown option " + unknown.front();
  fmt::print(stderr, "lsm-verify: {}; see ./lab verify --help\n", what);
  return 2;
}

struct EngineChoice {
  std::string name;  // empty: the engine of this project
  std::string profile = "weakest";
  std::string replay;  // a file to look at again
  bool steps = false;
};

// The exit status.
int VerifyEngine(const EngineChoice& choice, const VerifyOptions& options,
                 const std::vector<std::string>& only, const std::string& json_file) {
  const auto engine = FindEngine(choice.name);
  if (!engine.ok()) {
    fmt::print(stderr, "lsm-verify: {}\n", engine.status().message());
    return 2;
  }
  for (const std::string& row : only) {
    if (row == "model" || row == "crashes") continue;
    fmt::print(stderr, "lsm-verify: --engine has the rows model and crashes, not {}\n", row);
    return 2;
  }
  // What stories tell to type.
  const auto profile = sim::ParseProfile(choice.profile);  // it was checked
  const std::string command =
      fmt::format("./lab verify --engine {} --profile {} --replay", choice.name, choice.profile);
  setenv("LSM_REPLAY_PREFIX", command.c_str(), 1);
  if (!choice.replay.empty()) {
    return ReplayOnEngine(*engine, *profile, choice.replay, choice.steps);
  }
  return Verification(options, only).RunEngine(*engine, *profile, json_file);
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Verifies the engine: random traces, power cuts, schedules, injected errors, real data");
  VerifyOptions options;
  std::vector<std::string> only;
  std::string json_file;
  app.add_option("--seed", options.seed, "decides everything")
      ->capture_default_str()
      ->check(NumberFrom(0));
  app.add_flag_callback(
      "--quick", [&options] { options.effort = Effort::kQuick; }, "a sixth of the work");
  app.add_flag_callback(
         "--full", [&options] { options.effort = Effort::kFull; },
         "25 times the work: about an hour")
      ->excludes("--quick");
  app.add_option("--operations", options.operations, "of each of the first four rows")
      ->check(NumberFrom(1));
  app.add_option("--only", only, "run these rows")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kRowNames), std::end(kRowNames))));
  app.add_option("--out", options.out, "where failing traces are saved")->capture_default_str();
  app.add_option("--json", json_file, "write the verdict to this file");
  bool guarantees = false;
  app.add_flag("--guarantees", guarantees, "print what is promised under which fault, and end");
  EngineChoice engine;
  auto* const by_name =
      app.add_option("--engine", engine.name, "verify this engine: leveldb, rocksdb, notes, ...");
  app.add_option("--profile", engine.profile, "what a power cut may do to an engine's files")
      ->capture_default_str()
      ->check(CLI::IsMember({"ordered", "weakest"}))
      ->needs(by_name);
  app.add_option("--replay", engine.replay, "look again at a file that was saved for an engine")
      ->needs(by_name);
  app.add_flag("--text", engine.steps, "with --replay: print each step")->needs(by_name);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return e.get_exit_code() == 0 ? app.exit(e) : RefuseUsage(app, e);
  }
  if (guarantees) {
    fmt::print("{}", GuaranteesMarkdown());
    return 0;
  }
  if (!engine.name.empty()) return VerifyEngine(engine, options, only, json_file);
  return Verification(options, only).Run(json_file);
}

}  // namespace
}  // namespace lsm::lab

int main(int argc, char** argv) { return lsm::lab::Main(argc, argv); }
