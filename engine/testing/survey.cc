#include "testing/survey.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"

namespace lsm::lab {

using Kind = Operation::Kind;

namespace {

// Runs the trace and notes the moments that `is_wanted`; places are counted anew at each step.
template <class IsWanted>
Survey Watch(const Trace& trace, const RunOptions& options, IsWanted is_wanted) {
  Survey survey;
  RunOptions watched = options;
  size_t step = SIZE_MAX;
  uint64_t count = 0;
  std::map<sim::IoKind, uint64_t> of_kind;
  watched.on_io = [&](const IoMoment& now) {
    if (!is_wanted(now)) return;
    if (std::exchange(step, now.step) != now.step) {
      count = 0;
      of_kind.clear();
    }
    const auto knowledge = now.knowledge();
    LSM_CHECK(knowledge.has_value());
    const sim::IoAddress named{.io = now.io.kind, .nth = ++of_kind[now.io.kind]};
    survey.places.push_back(
        {now.step, ++count, named, now.io.index, *knowledge, now.env->disk().Copy()});
  };
  survey.result = RunTrace(trace, watched);
  return survey;
}

}  // namespace

Survey SurveyIo(const Trace& trace, const RunOptions& options, size_t first_step,
                size_t last_step) {
  LSM_CHECK(trace.clients == 1);
  for (const Operation& op : trace.operations) {
    LSM_CHECK(op.kind != Kind::kCrash && op.kind != Kind::kKill);
  }
  last_step = std::min(last_step, trace.operations.size() - 1);
  return Watch(trace, options, [=](const IoMoment& now) {
    return !now.first_open && now.step >= first_step && now.step <= last_step;
  });
}

Survey SurveyRecovery(const Trace& cut, const RunOptions& options) {
  const size_t recovery = (cut.operations.end() - 2)->cuts.size();
  return Watch(cut, options, [=](const IoMoment& now) { return now.recovery == recovery; });
}

Trace CutAt(const Trace& trace, const IoPlace& place, CrashImage image) {
  Trace cut = trace;
  const auto step = cut.operations.begin() + static_cast<ptrdiff_t>(place.step);
  cut.operations.erase(step + 1, cut.operations.end());
  Operation crash;
  crash.kind = Kind::kCrash;
  crash.cuts = {{{.nth = place.nth}, std::move(image)}};
  cut.operations.insert(cut.operations.end() - 1, std::move(crash));
  return cut;
}

Trace CutAgain(const Trace& cut, const IoPlace& place, CrashImage image) {
  Trace again = cut;
  (again.operations.end() - 2)->cuts.push_back({{.nth = place.nth}, std::move(image)});
  return again;
}

Trace FailAt(const Trace& trace, const IoPlace& place, sim::Fault fault, Aftermath aftermath) {
  Trace failing = trace;
  Operation fail, next;
  fault.at = {.nth = place.nth};
  if (!CheckFault(fault).ok()) fault.at = place.named;  // an effect of some kinds alone
  fault.times = aftermath == Aftermath::kSticky ? sim::kForever : 1;
  fail.kind = Kind::kFail;
  fail.fault = fault;
  next.kind = aftermath == Aftermath::kPowerCut ? Kind::kCrash : Kind::kResume;
  if (next.kind == Kind::kCrash) next.cuts.emplace_back();
  const auto step = failing.operations.begin() + static_cast<ptrdiff_t>(place.step);
  const auto behind = failing.operations.insert(step, std::move(fail)) + 2;
  if (aftermath != Aftermath::kSticky) failing.operations.insert(behind, std::move(next));
  return failing;
}

}  // namespace lsm::lab
