// lsm-fuzz: the fuzz targets without libFuzzer: seeds, replays of inputs, mutations that follow no
// coverage, explanations. Exit status: 0 all well, 1 a finding, 2 wrong usage.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/crc32c.h"
#include "fuzz/campaign.h"
#include "fuzz/fuzzer_log.h"
#include "fuzz/mutator.h"
#include "lsm/env.h"
#include "testing/files.h"
#include "testing/isolate.h"
#include "testing/story.h"

namespace lsm::fuzz {
namespace {

constexpr int kExitFinding = 1;
constexpr int kExitUsage = 2;

// The words that check a saved input again; set by ./lab to those of the mix that it built.
std::string CheckCommand(const Target& target, const std::string& file) {
  const char* const prefix = std::getenv("LSM_FUZZ_PREFIX");
  return fmt::format("{} {} {}", prefix != nullptr ? prefix : "./lab fuzz", target.name, file);
}

int Tell(const Status& status, int exit_status) {
  fmt::print(stderr, "lsm-fuzz: {}\n", status.ToString());
  return exit_status;
}
int Refuse(const Status& status) { return Tell(status, kExitUsage); }
int Fail(const Status& status) { return Tell(status, kExitFinding); }

// The files of a path: itself, or those in a directory, sorted by name.
Result<std::vector<std::string>> FilesOf(const std::string& path) {
  const auto names = Env::Default()->ListDir(path);
  if (!names.ok()) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (const std::string& name : *names) files.push_back(path + "/" + name);
  return files;
}

// Saves the input that failed; the exit status.
int TellFinding(const Target& target, const std::string& input, const Finding& finding,
                const std::string& out) {
  const std::string file = fmt::format("{}/{}-{:08x}", out, target.name, crc32c::Value(input));
  if (Status s = lab::SaveText(file, input); !s.ok()) return Refuse(s);
  fmt::print("FINDING: {}: {}\n  the input: {} ({} bytes)\n  again: {}\n", target.name, finding,
             file, input.size(), CheckCommand(target, file));
  return kExitFinding;
}

int List() {
  for (const Target& target : Targets()) {
    fmt::print("{:<10} {:>7} bytes at most  {}\n", target.name, target.max_bytes, target.about);
  }
  return 0;
}

int WriteSeeds(const Target& target, const std::string& dir) {
  const auto seeds = Seeds(target);
  if (!seeds.ok()) return Fail(seeds.status());
  for (const std::string& seed : *seeds) {
    const std::string file = fmt::format("{}/seed-{:08x}", dir, crc32c::Value(seed));
    if (Status s = lab::SaveText(file, seed); !s.ok()) return Refuse(s);
  }
  fmt::print("{}: {} seeds in {}\n", target.name, seeds->size(), dir);
  return 0;
}

int Replay(const Target& target, const std::vector<std::string>& paths) {
  std::vector<std::string> files, inputs;
  for (const std::string& path : paths) {
    const auto found = FilesOf(path);
    for (const std::string& file : *found) {
      auto input = lab::LoadText(file);
      if (!input.ok()) return Refuse(input.status());
      files.push_back(file);
      inputs.push_back(std::move(*input));
    }
  }
  const auto input = [&](uint64_t i) { return inputs[i]; };
  const CampaignResult result = RunCampaign({&target, inputs.size(), input});
  fmt::print("{}: {} inputs\n", target.name, result.executions);
  if (!result.failed.has_value()) return 0;
  fmt::print("FINDING: {}: {}\n  the input: {}\n  again: {}\n", target.name, result.finding,
             files[*result.failed], CheckCommand(target, files[*result.failed]));
  return kExitFinding;
}

// Seeds, then mutations of them; the exit status.
int Smoke(const Target& target, uint64_t mutations, uint64_t seed, const std::string& out) {
  const auto seeds = Seeds(target);
  if (!seeds.ok()) return Fail(seeds.status());
  const auto input = [&](uint64_t i) {
    return i < seeds->size() ? (*seeds)[i] : MutationAt(target, *seeds, seed, i - seeds->size());
  };
  const CampaignResult result = RunCampaign({&target, seeds->size() + mutations, input});
  fmt::print("{}: {} executions: {} seeds, {} mutations\n", target.name, result.executions,
             seeds->size(), mutations);
  std::fflush(stdout);
  if (!result.failed.has_value()) return 0;
  return TellFinding(target, input(*result.failed), result.finding, out);
}

// A trace is shrunk and told as a story; the exit status.
int TellStory(const Target& target, const lab::Trace& trace, const std::string& stem) {
  const lab::TraceRunner run = [](const lab::Trace& t, const lab::RunOptions& o) {
    return lab::RunTraceIsolated(t, o);
  };
  const lab::RunResult result = run(trace, {});
  if (result.ok) return 0;
  fmt::print("shrinking a trace of {} operations ...\n", trace.operations.size());
  std::fflush(stdout);
  lab::Story story = lab::Investigate(trace, result, run);
  story.file = stem + ".trace";
  if (Status s = lab::SaveText(story.file, lab::Print(story.trace)); !s.ok()) return Refuse(s);
  fmt::print("FINDING: {}: {}", target.name, lab::ToText(story));
  return kExitFinding;
}

int Explain(const Target& target, const std::string& file) {
  const auto input = lab::LoadText(file);
  if (!input.ok()) return Refuse(input.status());
  fmt::print("{}, {} bytes, as input of {}:\n", file, input->size(), target.name);
  fmt::print("{}\n", target.explain(std::string_view(*input).substr(0, target.max_bytes)));
  std::fflush(stdout);
  if (target.to_trace != nullptr) {
    const auto trace = target.to_trace(std::string_view(*input).substr(0, target.max_bytes));
    if (trace.ok()) {
      if (const int status = TellStory(target, *trace, file); status != 0) return status;
    }
  }
  const CampaignResult result = RunCampaign({&target, 1, [&](uint64_t) { return *input; }});
  if (!result.failed.has_value()) {
    fmt::print("no finding: {} accepts this input\n", target.name);
    return 0;
  }
  fmt::print("FINDING: {}: {}\n", target.name, result.finding);
  return kExitFinding;
}

// Reads what libFuzzer prints: shows progress, keeps all of it in a file, sums up. The exit status.
int Watch(const Target& target, const std::string& log_file, const std::string& json_file) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const uint64_t pause_us = terminal ? 200'000 : 10'000'000;
  uint64_t told = Env::Default()->NowMicros();
  FuzzerLog log;
  std::string all, line;
  for (int c; (c = std::getchar()) != EOF;) {
    all.push_back(static_cast<char>(c));
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    const bool news = log.Read(line);
    line.clear();
    if (!news || Env::Default()->NowMicros() - told < pause_us) continue;
    told = Env::Default()->NowMicros();
    fmt::print(stderr, "{}{}: {}{}", terminal ? "\r\x1b[K" : "", target.name, ProgressText(log),
               terminal ? "" : "\n");
    std::fflush(stderr);
  }
  if (terminal) fmt::print(stderr, "\r\x1b[K");
  if (Status s = lab::SaveText(log_file, all); !s.ok()) return Refuse(s);
  fmt::print("{}:\n{}", target.name, SummaryText(log));
  if (!log.input.empty()) fmt::print("  again             {}\n", CheckCommand(target, log.input));
  nlohmann::json json = ToJson(log);
  json["target"] = target.name;
  json["again"] = log.input.empty() ? "" : CheckCommand(target, log.input);
  if (!json_file.empty()) {
    if (Status s = lab::SaveText(json_file, json.dump(2) + "\n"); !s.ok()) return Refuse(s);
  }
  if (log.failed()) return kExitFinding;
  if (log.executions > 0) return 0;
  return Fail(Status::IOError("libFuzzer did nothing; what it said: " + log_file));
}

int Main(int argc, char** argv) {
  CLI::App app("The fuzz targets, without libFuzzer. With it: ./lab fuzz");
  app.require_subcommand(1);
  std::string name, dir, file, json_file, out = "lsm-fuzz.out";
  std::vector<std::string> paths;
  uint64_t mutations = 1000, seed = 1;
  const auto add = [&](const char* verb, const char* about) {
    CLI::App* const sub = app.add_subcommand(verb, about);
    sub->add_option("TARGET", name, "the target; see list")
        ->required()
        ->check(CLI::Validator(
            [](const std::string& word) {
              return FindTarget(word) != nullptr ? std::string() : "no target " + word;
            },
            ""));
    return sub;
  };
  app.add_subcommand("list", "the targets, one a line");
  add("corpus", "write the seeds of a target")
      ->add_option("DIR", dir, "where they are written")
      ->required();
  add("replay", "check inputs, for instance fuzz/regressions/wal")
      ->add_option("PATH", paths, "files, or directories of them")
      ->required();
  CLI::App* const smoke = add("smoke", "check the seeds and mutations of them");
  smoke->add_option("--mutations", mutations, "how many")->capture_default_str();
  smoke->add_option("--seed", seed, "decides the mutations")->capture_default_str();
  smoke->add_option("--out", out, "where a failing input is saved")->capture_default_str();
  add("explain", "say what an input means, check it, shrink it where it is a trace")
      ->add_option("FILE", file, "the input")
      ->required();
  CLI::App* const watch = add("watch", "sum up what libFuzzer prints; reads standard input");
  watch->add_option("LOG", file, "where all of it is kept")->required();
  watch->add_option("--json", json_file, "write the summary to this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kExitUsage;
  }
  const Target* const target = FindTarget(name);
  if (app.got_subcommand("list")) return List();
  if (app.got_subcommand("corpus")) return WriteSeeds(*target, dir);
  if (app.got_subcommand("replay")) return Replay(*target, paths);
  if (app.got_subcommand("smoke")) return Smoke(*target, mutations, seed, out);
  if (app.got_subcommand("watch")) return Watch(*target, file, json_file);
  return Explain(*target, file);
}

}  // namespace
}  // namespace lsm::fuzz

int main(int argc, char** argv) { return lsm::fuzz::Main(argc, argv); }
