// lsm-bench: workloads on this engine and its peers, and comparisons of results. Exit status: 0
// fine, 1 a trial failed, engines disagree or something became slower, 2 wrong usage.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "amplification/report.h"
#include "lsm/options_text.h"
#include "testing/files.h"
#include "workloads/compare.h"
#include "workloads/results.h"

namespace lsm::bench {
namespace {

struct Arguments {
  std::vector<std::string> engines, workloads, knobs;
  std::vector<uint64_t> sizes;
  std::string setting = "small", io = "mapped", out = "lsm-bench.out", directory;
  uint64_t keys = 0, rounds = 0, seed = 1;
  size_t value_bytes = 100;
  double entropy = 0.5;
  int threads = 1;
  bool peers = false, quick = false, full = false, quiet = false;
  std::string before, after;
};

// Wrong usage: what to say.
struct UsageError {
  std::string what;
};

template <class T>
T Choose(const Arguments& a, T quick, T usual, T full) {
  return a.quick ? quick : a.full ? full : usual;
}

StoreOptions OptionsOf(const Arguments& a) {
  StoreOptions store;
  store.defaults = a.setting == "defaults";
  store.knobs.compression = Compression::kNone;
  store.knobs.read_io = store.knobs.wal_io = a.io == "plain" ? IoMode::kPlain : IoMode::kMapped;
  if (a.setting == "large") {
    store.knobs.memtable_bytes = size_t{64} << 20;
    store.knobs.block_cache_bytes = size_t{1} << 30;
  }
  for (const std::string& knob : a.knobs) {
    const size_t equals = knob.find('=');
    if (equals == std::string::npos) throw UsageError{"--set " + knob + ": must be NAME=VALUE"};
    Status s = SetOption(knob.substr(0, equals), knob.substr(equals + 1), &store.knobs);
    if (s.ok()) s = CheckOption(knob.substr(0, equals), store.knobs);
    if (!s.ok()) throw UsageError{s.ToString()};
  }
  return store;
}

std::vector<StoreInfo> EnginesOf(const Arguments& a) {
  std::vector<StoreInfo> chosen;
  std::string known;
  for (const StoreInfo& engine : Stores()) {
    const bool named =
        std::find(a.engines.begin(), a.engines.end(), engine.name) != a.engines.end();
    if (named || (a.engines.empty() && (a.peers || engine.library.empty()))) {
      chosen.push_back(engine);
    }
    known += " " + engine.name;
  }
  if (!a.engines.empty() && chosen.size() != a.engines.size()) {
    throw UsageError{"--engines: this build has" + known +
                     "; others need the packages of group peers"};
  }
  return chosen;
}

std::vector<const Workload*> WorkloadsOf(const std::vector<std::string>& names) {
  std::vector<const Workload*> chosen;
  for (const std::string& name : names) {
    const Workload* workload = FindWorkload(name);
    if (workload == nullptr) {
      throw UsageError{"no workload " + name + "; 'lsm-bench list' has them all"};
    }
    chosen.push_back(workload);
  }
  if (chosen.empty()) {
    for (const Workload& workload : Workloads()) chosen.push_back(&workload);
  }
  return chosen;
}

int Save(const std::string& path, const std::string& text) {
  const Status s = lab::SaveText(path, text);
  if (!s.ok()) fmt::print(stderr, "lsm-bench: {}\n", s.ToString());
  return s.ok() ? 0 : 1;
}

// From 10^5 keys to 10^7; quick: to 10^6.
std::vector<uint64_t> SizesOf(const Arguments& a) {
  std::vector<uint64_t> sizes = {100'000, 1'000'000};
  if (!a.quick) sizes.push_back(10'000'000);
  return sizes;
}

int RunSuite(const Arguments& a, const std::string& suite, const std::string& command) {
  RoundsOptions options;
  options.engines = EnginesOf(a);
  options.workloads = WorkloadsOf(a.workloads);
  options.store = OptionsOf(a);
  options.load = {a.keys, a.value_bytes, a.entropy, a.threads, a.seed};
  if (a.keys == 0) options.load.keys = Choose<uint64_t>(a, 100'000, 1'000'000, 1'000'000);
  options.rounds = a.rounds != 0 ? a.rounds : Choose<uint64_t>(a, 3, 3, 5);
  options.warmup_rounds = a.full ? 1 : 0;
  options.sizes = a.sizes;
  options.directory = fmt::format("{}/db.{}", a.directory.empty() ? a.out : a.directory, getpid());
  options.progress = !a.quiet;
  const Rounds rounds = RunRounds(options);
  DocumentHead head{suite, command, {}};
  if (a.setting == "defaults") {
    head.notes.emplace_back("Each engine has its own defaults: they do not do the same work.");
  }
  const nlohmann::json document = MakeDocument(head, options, rounds);
  fmt::print("{}", ToTables(document));
  const std::string path = a.out + "/" + suite;
  if (Save(path + ".json", document.dump(1) + "\n") != 0 ||
      Save(path + ".csv", ToCsv(rounds.measurements)) != 0) {
    return 1;
  }
  fmt::print("{}Saved: {}.json, {}.csv\n",
             rounds.interrupted ? "Interrupted; what was finished is kept.\n" : "", path, path);
  return rounds.failures.empty() && !rounds.interrupted ? 0 : 1;
}

int CompareFiles(const Arguments& a) {
  Result<nlohmann::json> before = LoadDocument(a.before, "");
  Result<nlohmann::json> after = LoadDocument(a.after, "");
  Status s = before.ok() ? after.status() : before.status();
  if (s.ok()) {
    const auto changes = Compare(*before, *after);
    if (changes.ok()) {
      fmt::print("{}", ToTable(*changes));
      return std::any_of(changes->begin(), changes->end(), [](const Change& c) { return c.slower; })
                 ? 1
                 : 0;
    }
    s = changes.status();
  }
  fmt::print(stderr, "lsm-bench compare: {}\n", s.ToString());
  return 2;
}

int RunSweep(const Arguments& a, const std::string& command) {
  SweepResults results;
  const std::vector<SweepPoint> points = a.quick ? QuickSweep() : FullSweep();
  for (const SweepPoint& point : points) {
    const Result<Amplification> counted = CountPoint(point);
    if (counted.status().code() == StatusCode::kNotSupported) continue;  // a replaced stage
    if (!counted.ok()) {
      fmt::print(stderr, "lsm-bench amplification: {}\n", counted.status().ToString());
      return 1;
    }
    results.emplace_back(point, *counted);
    if (!a.quiet) {
      fmt::print(stderr, "[{}/{}] {} {}\n", results.size(), points.size(), PolicyName(point.policy),
                 LoadName(point.load));
    }
  }
  fmt::print("{}", ToTable(results));
  const std::string path = a.out + "/amplification";
  if (Save(path + ".json", ToJson(results, command).dump(1) + "\n") != 0 ||
      Save(path + ".csv", ToCsv(results)) != 0) {
    return 1;
  }
  fmt::print("Saved: {}.json, {}.csv\n", path, path);
  return 0;
}

int List() {
  for (const Workload& w : Workloads()) fmt::print("{:<18}{}\n", w.name, w.about);
  return 0;
}

void AddLoadOptions(CLI::App* app, Arguments* a) {
  app->add_option("--engines", a->engines, "engines, the first is divided by the others")
      ->delimiter(',');
  app->add_flag("--peers", a->peers, "all engines of this build");
  app->add_option("--workloads", a->workloads, "workloads (all; see 'list')")->delimiter(',');
  app->add_flag("--quick", a->quick, "100,000 keys, 3 rounds");
  app->add_flag("--full", a->full, "1,000,000 keys, 5 rounds behind one that is not kept");
  app->add_option("--setting", a->setting,
                  "small: 4 MiB memtable, 8 MiB cache; large: 64 MiB and 1 GiB; defaults: each "
                  "engine's own")
      ->check(CLI::IsMember({"small", "large", "defaults"}));
  app->add_option("--io", a->io, "mapped: files are mapped where the engine can; plain: read()")
      ->check(CLI::IsMember({"mapped", "plain"}));
  app->add_option("--set", a->knobs, "a knob NAME=VALUE, matched in all engines that have it");
  app->add_option("--keys", a->keys, "keys of the database")->check(CLI::Range(100, 1'000'000'000));
  app->add_option("--value-bytes", a->value_bytes, "bytes of a value")
      ->check(CLI::Range(0, 1 << 20));
  app->add_option("--entropy", a->entropy, "part of a value that no compression can save")
      ->check(CLI::Range(0.0, 1.0));
  app->add_option("--threads", a->threads, "threads that share the steps")
      ->check(CLI::Range(1, 64));
  app->add_option("--rounds", a->rounds, "rounds")->check(CLI::Range(1, 1000));
  app->add_option("--seed", a->seed, "of all choices");
  app->add_option("--out", a->out, "folder of the results (lsm-bench.out)");
  app->add_option("--directory", a->directory, "where databases stand (the folder of the results)");
  app->add_flag("--quiet", a->quiet, "no line a trial");
}

int Main(int argc, char** argv) {
  Arguments a;
  CLI::App app{"Benchmarks of lsmlab and its peers"};
  app.require_subcommand(1);
  CLI::App* workloads = app.add_subcommand("workloads", "db_bench's workloads and YCSB");
  AddLoadOptions(workloads, &a);
  CLI::App* curves = app.add_subcommand(
      "curves", "time, memory, recovery and bytes written as the database grows: --sizes");
  AddLoadOptions(curves, &a);
  curves->add_option("--sizes", a.sizes, "numbers of keys (100000,1000000,10000000)")
      ->delimiter(',')
      ->check(CLI::Range(100, 1'000'000'000));
  CLI::App* sweep = app.add_subcommand("amplification",
                                       "counted amplification of policies beside the closed forms");
  sweep->add_flag("--quick", a.quick, "one point a policy");
  sweep->add_flag("--full", a.full, "all points (the default)");
  sweep->add_option("--out", a.out, "folder of the results (lsm-bench.out)");
  sweep->add_flag("--quiet", a.quiet, "no line a point");
  CLI::App* compare = app.add_subcommand("compare", "what changed between two results");
  compare->add_option("before", a.before, "a .json that lsm-bench saved")->required();
  compare->add_option("after", a.after, "another")->required();
  app.add_subcommand("list", "the workloads");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::string command;
  for (int i = 0; i < argc; ++i) command += (i == 0 ? "" : " ") + std::string(argv[i]);
  try {
    if (compare->parsed()) return CompareFiles(a);
    if (sweep->parsed()) return RunSweep(a, command);
    if (workloads->parsed()) return RunSuite(a, "workloads", command);
    if (curves->parsed()) {
      if (a.sizes.empty()) a.sizes = SizesOf(a);
      if (a.workloads.empty()) a.workloads = {"fillrandom", "readrandom", "seekrandom", "recovery"};
      return RunSuite(a, "curves", command);
    }
  } catch (const UsageError& error) {
    fmt::print(stderr, "lsm-bench: {}\n", error.what);
    return 2;
  }
  return List();
}

}  // namespace
}  // namespace lsm::bench

int main(int argc, char** argv) { return lsm::bench::Main(argc, argv); }
