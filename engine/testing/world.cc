// World: what it judges, and what it excuses.
#include <fmt/format.h>

#include "testing/history_judge.h"
#include "testing/oracle.h"
#include "testing/session.h"

namespace lsm::lab {
namespace {

// Far above what traces need, which is some ten an operation: more schedule points are a livelock
// (P14).
uint64_t MaxSchedulePoints(const Trace& trace) {
  return 2'000'000 + 100'000 * static_cast<uint64_t>(trace.operations.size());
}

sim::SimOptions SimOptionsOf(const Trace& trace, std::string* log) {
  sim::SimOptions options;
  options.seed = trace.seed;
  options.switch_per_1024 = trace.switch_per_1024;
  options.priority_depth = trace.priority_depth;
  options.priority_points = trace.priority_points;
  options.priority_at_marks = trace.priority_at_marks;
  options.log = log;
  options.max_steps = MaxSchedulePoints(trace);
  return options;
}

std::unique_ptr<AnswerJudge> NewJudge(const Trace& trace) {
  if (trace.shared_keys) return std::make_unique<HistoryJudge>(trace);
  return std::make_unique<Oracle>(trace.clients);
}

}  // namespace

World::World(const Trace& trace_in, const RunOptions& run_options)
    : trace(trace_in),
      run(run_options),
      env(SimOptionsOf(trace_in, run_options.keep_log ? &result.log : nullptr)),
      options(OptionsOf(trace_in)),
      judge(NewJudge(trace_in)),
      faults(&env, &options) {
  options.env = &env;
}

void World::Fail(Property property, size_t step, std::string key, std::string expected,
                 std::string actual, bool reported) {
  if (failed()) return;
  const Promise promise = run.no_excuses ? Promise::kPromised : faults.PromiseOf(property);
  if (promise == Promise::kExcluded || promise == Promise::kNone ||
      (promise == Promise::kReported && reported)) {
    result.excused = fmt::format("{} at step {}, {}: {}", PropertyId(property), step + 1,
                                 reported ? "reported" : "not promised", actual);
    return;
  }
  result.ok = false;
  result.property = property;
  result.step = step;
  result.key = std::move(key);
  result.expected = std::move(expected);
  result.actual = std::move(actual);
}

void World::Judge(const Verdict& verdict, size_t step) {
  ++result.checks;
  result.undecided += verdict.undecided ? 1 : 0;
  if (verdict.ok) return;
  // What is back because something later was lost is excused where losses are.
  const bool lost = verdict.resurrected && faults.PromiseOf(Property::kP1) == Promise::kExcluded;
  Fail(lost ? Property::kP1 : verdict.property, verdict.step.value_or(step), verdict.key,
       verdict.expected, verdict.actual);
}

bool World::Expect(const Status& status, size_t step) {
  if (status.ok()) return true;
  faults.OnError();
  if (!faults.MayFail()) Fail(Property::kP0, step, "", "OK", status.ToString(), true);
  return false;
}

void World::ExpectTold(const std::optional<std::string>& swallowed, size_t step) {
  if (!swallowed.has_value() || env.Crashed()) return;
  Fail(Property::kP9, step, "", "an error, as '" + *swallowed + "' failed", "none was told");
}

std::vector<std::string> CutReport::Kept() const {
  std::vector<std::string> kept;
  for (size_t i = 0; i < units.size(); ++i) {
    if (image[i].kind == sim::Fate::Kind::kNew) kept.push_back(units[i]);
  }
  return kept;
}

std::vector<std::string> CutReport::Lost() const {
  std::vector<std::string> lost;
  for (size_t i = 0; i < units.size(); ++i) {
    if (image[i].kind == sim::Fate::Kind::kNew) continue;
    const bool is_old = image[i].kind == sim::Fate::Kind::kOld;
    lost.push_back(units[i] + (is_old ? "" : " as " + image[i].ToString()));
  }
  return lost;
}

}  // namespace lsm::lab
