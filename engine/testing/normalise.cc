#include "testing/normalise.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

void WriteOut(const CutReport& report, CrashImage* image) {
  if (image->kind != CrashImage::Kind::kSeed && image->kind != CrashImage::Kind::kProfile) return;
  *image = CrashImage();
  for (size_t unit = 0; unit < report.image.size(); ++unit) {
    const sim::Fate& fate = report.image[unit];
    if (fate.kind != sim::Fate::Kind::kOld) image->units.emplace_back(unit, fate);
  }
  if (!image->units.empty()) image->kind = CrashImage::Kind::kUnits;
}

// The power cuts of a step, in order.
std::vector<const CutReport*> CutsOf(const RunResult& result, size_t step) {
  std::vector<const CutReport*> cuts;
  for (const CutReport& cut : result.cuts) {
    if (cut.step == step) cuts.push_back(&cut);
  }
  return cuts;
}

// Whether the first power cut of the step came at its address.
bool IsStruck(const RunResult& result, size_t step) {
  return std::any_of(result.strikes.begin(), result.strikes.end(),
                     [step](const Strike& s) { return s.step == step && s.cut == 0; });
}

bool IsIdle(const RunResult& result, size_t step) {
  return step < result.steps.size() && result.steps[step].answer.starts_with("nothing: ");
}

}  // namespace

Trace Normalise(const Trace& trace, const RunResult& result, Images images) {
  Trace normal = trace;
  std::set<size_t> struck;
  for (const Strike& strike : result.strikes) struck.insert(strike.step);
  normal.operations.clear();
  // A power cut whose address was not reached: it came before the next one, or at the end.
  std::optional<Operation> late;
  const auto cut_late = [&] {
    if (late.has_value()) normal.operations.push_back(*std::exchange(late, std::nullopt));
  };
  for (size_t step = 0; step < trace.operations.size(); ++step) {
    Operation op = trace.operations[step];
    if (IsIdle(result, step)) continue;
    if (op.kind == Kind::kFail && !struck.contains(step)) continue;
    for (const Strike& strike : result.strikes) {
      if (strike.step != step) continue;
      (op.kind == Kind::kFail ? op.fault.at : op.cuts[strike.cut].at) = strike.at;
    }
    const std::vector<const CutReport*> cuts = CutsOf(result, step);
    if (!cuts.empty()) op.cuts.resize(cuts.size());  // later ones were not reached
    for (size_t i = 0; i < cuts.size() && images == Images::kUnitByUnit; ++i) {
      WriteOut(*cuts[i], &op.cuts[i].image);
    }
    if (!cuts.empty()) cut_late();
    if (!cuts.empty() && op.cuts[0].at.nth > 0 && !IsStruck(result, step)) {
      op.cuts[0].at = {.nth = 0};
      late = std::move(op);
      continue;
    }
    normal.operations.push_back(std::move(op));
  }
  cut_late();
  normal.expect = VerdictOf(result);
  return normal;
}

std::string VerdictOf(const RunResult& result) {
  return result.ok ? "ok" : std::string(PropertyId(result.property));
}

}  // namespace lsm::lab
