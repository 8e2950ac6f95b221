#include "testing/survey.h"

#include <utility>

#include "base/check.h"

namespace lsm::lab {

using Kind = Operation::Kind;

Survey SurveyIo(const Trace& trace, const RunOptions& options) {
  LSM_CHECK(trace.clients == 1);
  for (const Operation& op : trace.operations) {
    LSM_CHECK(op.kind != Kind::kCrash && op.kind != Kind::kKill);
  }
  Survey survey;
  std::vector<IoPlace> places;
  RunOptions watched = options;
  watched.on_io = [&](sim::SimEnv* env, const sim::IoOperation& io) {
    places.push_back({0, 0, io.index, env->Unsynced()});
  };
  survey.result = RunTrace(trace, watched);
  uint64_t begin = survey.result.io_of_open;
  size_t step = 0;
  for (IoPlace& place : places) {
    if (place.index < begin) continue;  // of the first open
    const std::vector<StepReport>& steps = survey.result.steps;
    for (; step < steps.size() && place.index >= steps[step].io; ++step) begin = steps[step].io;
    if (step == steps.size()) break;
    place.step = step;
    place.nth = place.index - begin + 1;
    survey.places.push_back(std::move(place));
  }
  return survey;
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

Trace FailAt(const Trace& trace, const IoPlace& place, StatusCode code, bool sticky) {
  Trace failing = trace;
  Operation fail, resume;
  fail.kind = Kind::kFail;
  fail.fault.at.nth = place.nth;
  fail.fault.code = code;
  fail.fault.times = sticky ? sim::kForever : 1;
  resume.kind = Kind::kResume;
  const auto step = failing.operations.begin() + static_cast<ptrdiff_t>(place.step);
  const auto behind = failing.operations.insert(step, std::move(fail)) + 2;
  if (!sticky) failing.operations.insert(behind, std::move(resume));
  return failing;
}

}  // namespace lsm::lab
