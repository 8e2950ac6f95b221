#include "testing/error_sweep.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace lsm::lab {
namespace {

using sim::Effect;
using sim::IoKind;

constexpr std::array kAftermaths = {Aftermath::kResume, Aftermath::kSticky, Aftermath::kPowerCut};

// In which ways an operation of this kind can fail, but for the lies and for what
// docs/guarantees.md excludes: a directory that forgets its entries.
std::vector<sim::Fault> FaultsOf(const IoPlace& place) {
  std::vector<sim::Fault> faults(2);  // before the effect
  faults.back().code = StatusCode::kNoSpace;
  for (const Effect effect :
       {Effect::kDone, Effect::kShort, Effect::kKeep, Effect::kRevert, Effect::kLate}) {
    sim::Fault fault;
    fault.at = place.named;
    fault.effect = effect;
    // Within a record's header, or behind it.
    if (effect == Effect::kShort) fault.bytes = 1 + place.index % 24;
    const bool forgets = place.named.io == IoKind::kSyncDir && effect != Effect::kDone;
    if (CheckFault(fault).ok() && !forgets) faults.push_back(fault);
  }
  return faults;
}

class ErrorSweeper {
 public:
  ErrorSweeper(const Trace& trace, const ErrorSweepOptions& options)
      : trace_(trace), options_(options), turn_(options.first) {}

  ErrorSweepReport Run() {
    for (const IoPlace& place : SurveyIo(trace_, options_.run).places) {
      for (const sim::Fault& fault : FaultsOf(place)) Fail(place, fault);
      ++report_.places;
    }
    for (const IoKind kind : {IoKind::kOpen, IoKind::kRead, IoKind::kList, IoKind::kLock}) {
      uint64_t nth = 1 + options_.first % options_.one_in;
      for (; FailNth(kind, nth); nth += options_.one_in) ++report_.places;
    }
    return std::move(report_);
  }

 private:
  void Fail(const IoPlace& place, const sim::Fault& fault) {
    if (++turn_ % options_.one_in != 0) return;
    const uint64_t chosen = turn_ / options_.one_in % kAftermaths.size();
    for (size_t i = 0; i < kAftermaths.size(); ++i) {
      if (!options_.all_aftermaths && i != chosen) continue;
      Judge(FailAt(trace_, place, fault, kAftermaths[i]), place.step, fault.effect);
    }
  }

  // False if there is no such operation.
  bool FailNth(IoKind kind, uint64_t nth) {
    ++turn_;
    bool reached = false;
    for (const bool sticky : {false, true}) {
      if (!options_.all_aftermaths && sticky != (turn_ % 2 == 0)) continue;
      Operation fail;
      fail.kind = Operation::Kind::kFail;
      fail.fault.at = {.io = kind, .nth = nth};
      fail.fault.times = sticky ? sim::kForever : 1;
      Trace failing = trace_;
      failing.operations.insert(failing.operations.begin(), std::move(fail));
      reached = Judge(failing, 0, Effect::kFail);
    }
    return reached && !report_.failed.has_value();
  }

  // Did the error of this step strike? The trace may have others of its own.
  bool Judge(const Trace& failing, size_t step, Effect effect) {
    if (report_.failed.has_value()) return false;
    if (options_.on_trace) options_.on_trace(failing);
    const RunResult result = RunTrace(failing, options_.run);
    if (!result.ok) report_.failed = failing;
    const bool struck = std::any_of(result.strikes.begin(), result.strikes.end(),
                                    [step](const Strike& strike) { return strike.step == step; });
    if (!struck) return false;
    ++report_.errors;
    ++report_.effects[static_cast<size_t>(effect)];
    report_.checks += result.checks;
    return true;
  }

  const Trace& trace_;
  const ErrorSweepOptions& options_;
  uint64_t turn_;
  ErrorSweepReport report_;
};

}  // namespace

ErrorSweepReport SweepErrors(const Trace& trace, const ErrorSweepOptions& options) {
  return ErrorSweeper(trace, options).Run();
}

}  // namespace lsm::lab
