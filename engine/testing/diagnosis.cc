#include "testing/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace lsm::lab {
namespace {

struct Barrier {
  uint64_t io = 0;
  std::string target;
  bool directory = false;
  std::string before;  // the operation that it stands before
};

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

class Search {
 public:
  Search(const Trace& trace, const RunResult& result, const TraceRunner& run, uint64_t max_runs)
      : trace_(trace), result_(result), run_(run), max_runs_(max_runs) {}

  Diagnosis Run() {
    Diagnosis diagnosis;
    if (!FindCut()) return diagnosis;
    std::vector<Barrier> places = Places();
    // The latest first: it says most.
    std::reverse(places.begin(), places.end());
    for (const Barrier& barrier : places) {
      if (!HasRuns()) break;
      if (!Prevents(trace_, barrier) || !PreventsEarlier(barrier)) continue;
      diagnosis.barrier = Describe(barrier);
      diagnosis.target = barrier.target;
      diagnosis.io = barrier.io;
      break;
    }
    diagnosis.runs = runs_;
    return diagnosis;
  }

 private:
  bool HasRuns() const { return runs_ < max_runs_; }

  // The last power cut before the failure, and at which I/O it came.
  bool FindCut() {
    if (result_.ok || result_.cuts.empty()) return false;
    const CutReport& cut = result_.cuts.back();
    cut_step_ = cut.step;
    cut_io_ = cut.io;
    for (size_t i = 0; i < cut.units.size(); ++i) fates_[cut.units[i]] = cut.image[i];
    const Operation& op = trace_.operations[cut_step_];
    return op.kind == Operation::Kind::kCrash && op.cuts.size() == 1;
  }

  // Every place where something was not durable, in the order of time.
  std::vector<Barrier> Places() {
    RunOptions options;
    options.report_dirty = true;
    ++runs_;
    std::vector<Barrier> places;
    for (const DirtyReport& dirty : run_(trace_, options).dirty) {
      if (dirty.io > cut_io_) break;
      for (const std::string& path : dirty.files) {
        places.push_back({dirty.io, path, false, dirty.operation});
      }
      for (const std::string& path : dirty.dirs) {
        places.push_back({dirty.io, path, true, dirty.operation});
      }
    }
    return places;
  }

  // Does `trace` pass with the barrier? As much is kept as was: units are told by their names,
  // because the barrier takes some of them away.
  bool Prevents(const Trace& trace, const Barrier& barrier) {
    ++runs_;
    RunOptions options;
    options.on_io = [&](const IoMoment& now) {
      if (now.io.index != barrier.io) return;
      barrier.directory ? now.env->SyncDirNow(barrier.target)
                        : now.env->SyncFileNow(barrier.target);
    };
    options.image = [&](const std::vector<sim::UnsyncedUnit>& units) {
      sim::Image image;
      for (const sim::UnsyncedUnit& unit : units) {
        const auto fate = fates_.find(unit.ToString());
        image.push_back(fate == fates_.end() ? sim::Fate() : fate->second);
      }
      return image;
    };
    return run_(trace, options).ok;
  }

  // The same with the power cut at each earlier I/O, if it is the only cut of the trace: then it
  // can be armed at the beginning.
  bool PreventsEarlier(const Barrier& barrier) {
    if (result_.cuts.size() != 1) return true;
    Trace trace = trace_;
    auto& operations = trace.operations;
    const auto first = operations.begin();
    std::rotate(first, first + static_cast<ptrdiff_t>(cut_step_),
                first + static_cast<ptrdiff_t>(cut_step_) + 1);
    for (uint64_t io = cut_io_; io-- > result_.io_of_open && HasRuns();) {
      operations[0].cuts[0].at = {.nth = io - result_.io_of_open + 1};
      if (!Prevents(trace, barrier)) return false;
    }
    return true;
  }

  std::string Describe(const Barrier& barrier) const {
    const std::string what = barrier.directory ? "the directory" : BaseName(barrier.target);
    std::string before = fmt::format("{} (I/O {})", barrier.before, barrier.io);
    for (size_t i = 0; i < trace_.operations.size() && i < result_.steps.size(); ++i) {
      const Operation& op = trace_.operations[i];
      const bool acknowledged = op.sync && result_.steps[i].answer == "OK";
      if (acknowledged && result_.steps[i].io == barrier.io) {
        before = fmt::format("step {} was acknowledged (I/O {})", i + 1, barrier.io);
      }
    }
    return fmt::format("a sync of {} before {} would have prevented it", what, before);
  }

  const Trace& trace_;
  const RunResult& result_;
  const TraceRunner& run_;
  const uint64_t max_runs_;
  uint64_t runs_ = 0;
  size_t cut_step_ = 0;
  uint64_t cut_io_ = 0;
  std::map<std::string, sim::Fate> fates_;
};

}  // namespace

Diagnosis FindMissingBarrier(const Trace& trace, const RunResult& result, const TraceRunner& run,
                             uint64_t max_runs) {
  return Search(trace, result, run, max_runs).Run();
}

}  // namespace lsm::lab
