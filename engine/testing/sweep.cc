#include "testing/sweep.h"

#include <utility>
#include <vector>

#include "testing/sim/random.h"

namespace lsm::lab {
namespace {

class Sweeper {
 public:
  Sweeper(const Trace& trace, const SweepOptions& options)
      : trace_(trace),
        options_(options),
        random_(options.seed),
        seen_(options.seen != nullptr ? options.seen : &own_seen_) {}

  SweepReport Run() {
    Tell(trace_);
    const Survey survey = SurveyIo(trace_, options_.run);
    if (!survey.result.ok) report_.failed = trace_;
    for (const IoPlace& place : survey.places) {
      if (place.step < options_.first_step || place.step > options_.last_step) continue;
      ++report_.cuts;
      for (CrashImage& image : Images(place.units.size())) {
        if (report_.failed.has_value()) break;
        Visit(CutAt(trace_, place, std::move(image)));
      }
    }
    return std::move(report_);
  }

 private:
  void Tell(const Trace& trace) {
    if (options_.on_trace) options_.on_trace(trace);
  }

  // All subsets of few units; of many: none, all, and some by the toss of a coin.
  std::vector<CrashImage> Images(size_t units) {
    std::vector<CrashImage> images;
    if (units < 63 && uint64_t{1} << units <= options_.images_max) {
      for (uint64_t subset = 0; subset < uint64_t{1} << units; ++subset) {
        CrashImage image{.kind = CrashImage::Kind::kUnits};
        for (size_t i = 0; i < units; ++i) {
          if ((subset >> i & 1) != 0) image.units.emplace_back(i, true);
        }
        if (image.units.empty()) image.kind = CrashImage::Kind::kNone;
        images.push_back(std::move(image));
      }
      return images;
    }
    images = {{.kind = CrashImage::Kind::kNone}, {.kind = CrashImage::Kind::kAll}};
    while (images.size() < options_.images_max) {
      images.push_back({.kind = CrashImage::Kind::kSeed, .seed = random_.Below(1'000'000)});
    }
    return images;
  }

  // How many power cuts there were.
  size_t Judge(const Trace& state) {
    Tell(state);
    RunOptions run = options_.run;
    run.is_new = [this](uint64_t digest) { return seen_->insert(digest).second; };
    const RunResult result = RunTrace(state, run);
    ++report_.states;
    if (!result.known) ++report_.distinct;
    if (!result.ok) report_.failed = state;
    return result.cuts.size();
  }

  void Visit(Trace state) {
    Judge(state);
    if (report_.failed.has_value()) return;
    if (random_.Below(options_.again_one_in) == 0) CutAgain(std::move(state));
  }

  // Cuts the recovery at its first, second, third ... I/O, until it ends before.
  void CutAgain(Trace state) {
    std::vector<CrashPoint>* cuts = &(state.operations.end() - 2)->cuts;
    cuts->emplace_back();
    for (uint64_t io = 1;; ++io) {
      for (const CrashImage::Kind kind :
           {CrashImage::Kind::kNone, CrashImage::Kind::kAll, CrashImage::Kind::kSeed}) {
        const uint64_t seed = kind == CrashImage::Kind::kSeed ? random_.Below(1'000'000) : 0;
        cuts->back() = {{.nth = io}, {.kind = kind, .seed = seed}};
        const size_t done = Judge(state);
        if (report_.failed.has_value()) return;
        if (done < cuts->size()) {
          --report_.states;  // the same as without the second cut
          --report_.distinct;
          return;
        }
        ++report_.again;
      }
    }
  }

  const Trace& trace_;
  const SweepOptions& options_;
  sim::Random random_;
  SeenStates own_seen_;
  SeenStates* const seen_;
  SweepReport report_;
};

}  // namespace

SweepReport Sweep(const Trace& trace, const SweepOptions& options) {
  return Sweeper(trace, options).Run();
}

}  // namespace lsm::lab
