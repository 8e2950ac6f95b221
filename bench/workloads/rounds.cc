#include "workloads/rounds.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

namespace lsm::bench {
namespace {

volatile sig_atomic_t interrupted = 0;

// While it lives, SIGINT and SIGTERM set the flag and nothing else.
class InterruptWatch {
 public:
  InterruptWatch() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &action, &before_int_);
    sigaction(SIGTERM, &action, &before_term_);
  }
  ~InterruptWatch() {
    sigaction(SIGINT, &before_int_, nullptr);
    sigaction(SIGTERM, &before_term_, nullptr);
  }

 private:
  struct sigaction before_int_ {
  }, before_term_{};
};

class Runner {
 public:
  explicit Runner(const RoundsOptions& options) : options_(options) {}

  Rounds Run() {
    std::vector<uint64_t> sizes = options_.sizes;
    if (sizes.empty()) sizes.push_back(options_.load.keys);
    const uint64_t rounds = options_.rounds + options_.warmup_rounds;
    total_ = sizes.size() * options_.workloads.size() * rounds * options_.engines.size();
    for (const uint64_t keys : sizes) {
      Load load = options_.load;
      load.keys = keys;
      if (WantsBase()) LoadBases(load);
      for (const Workload* workload : options_.workloads) RunWorkload(load, *workload);
    }
    for (std::string& line : Disagreements(result_.measurements)) {
      result_.failures.push_back(std::move(line));
    }
    std::error_code ignored;
    std::filesystem::remove_all(options_.directory, ignored);
    result_.interrupted = interrupted != 0;
    return std::move(result_);
  }

 private:
  bool WantsBase() const {
    return std::any_of(options_.workloads.begin(), options_.workloads.end(),
                       [](const Workload* w) { return w->start == Start::kLoaded; });
  }
  std::string BaseOf(const StoreInfo& engine) const {
    return options_.directory + "/base." + engine.name;
  }
  void Say(const std::string& text) const {
    if (options_.progress) fmt::print(stderr, "{}\n", text);
  }

  void LoadBases(const Load& load) {
    for (const StoreInfo& engine : options_.engines) {
      if (interrupted != 0) return;
      Say(fmt::format("loading {} keys into {}", load.keys, engine.name));
      auto loaded = LoadBase(engine, options_.store, load, BaseOf(engine));
      if (loaded.ok()) {
        Say("  " + loaded->shape);
        result_.loads.push_back(std::move(*loaded));
      } else if (interrupted == 0) {
        result_.failures.push_back(loaded.status().ToString());
      }
    }
  }

  void RunWorkload(const Load& load, const Workload& workload) {
    const uint64_t rounds = options_.rounds + options_.warmup_rounds;
    for (uint64_t round = 0; round < rounds; ++round) {
      for (const StoreInfo& engine : options_.engines) {
        if (interrupted != 0) return;
        const Place place{BaseOf(engine), options_.directory + "/trial"};
        auto measured = RunTrial(engine, options_.store, load, workload, place);
        ++done_;
        if (!measured.ok()) {
          if (interrupted != 0) return;
          result_.failures.push_back(measured.status().ToString());
          Say(result_.failures.back());
          continue;
        }
        const bool kept = round >= options_.warmup_rounds;
        Say(fmt::format("[{}/{}] {} {}{}: {:.1f} thousand a second", done_, total_, workload.name,
                        engine.name, kept ? "" : " (warm-up)", measured->rate / 1000));
        measured->round = round - options_.warmup_rounds;
        if (kept) result_.measurements.push_back(std::move(*measured));
      }
    }
  }

  const RoundsOptions& options_;
  uint64_t done_ = 0, total_ = 0;
  Rounds result_;
};

}  // namespace

Rounds RunRounds(const RoundsOptions& options) {
  const InterruptWatch watch;
  return Runner(options).Run();
}

std::vector<std::string> Disagreements(const std::vector<Measurement>& measurements) {
  std::map<std::pair<std::string, uint64_t>, const Measurement*> first;
  std::set<std::string> lines;
  for (const Measurement& m : measurements) {
    if (!m.comparable) continue;
    const Measurement* other = first.emplace(std::pair(m.workload, m.keys), &m).first->second;
    if (other->answers == m.answers) continue;
    lines.insert(fmt::format("{}: {} answers otherwise than {}: a wrong answer, no measurement",
                             m.workload, m.engine, other->engine));
  }
  return {lines.begin(), lines.end()};
}

}  // namespace lsm::bench
