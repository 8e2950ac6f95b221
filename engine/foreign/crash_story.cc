#include "foreign/crash_story.h"

#include <fmt/format.h>

#include <algorithm>

namespace lsm::lab {
namespace {

using Kind = FileCall::Kind;

std::set<std::string> Lost(const CrashAnswer& answer) {
  return {answer.lost.begin(), answer.lost.end()};
}

// Every place where something was not durable, before a call, the latest first.
std::vector<Barrier> Places(const Recording& recording, size_t cut) {
  std::vector<Barrier> places;
  DiskReplay replay;
  for (size_t i = 0; i < cut; ++i) {
    const FileCall& call = recording.calls[i];
    if (IsCutPoint(call)) {
      for (const std::string& path : replay.disk().DirtyFiles()) places.push_back({i, path, false});
      for (const std::string& path : replay.disk().DirtyDirs()) places.push_back({i, path, true});
    }
    replay.Apply(call).IgnoreError();  // the judge's status has it
  }
  std::reverse(places.begin(), places.end());
  return places;
}

// Index among the workload's operations of the one that call `at` belongs to.
size_t StepAt(const Recording& recording, size_t at) {
  size_t begun = 0;
  for (size_t i = 0; i <= at && i < recording.calls.size(); ++i) {
    const FileCall& call = recording.calls[i];
    if (call.kind == Kind::kBegin && call.bytes != "open") ++begun;
  }
  return begun;
}

std::string Describe(const Recording& recording, const Barrier& barrier) {
  const FileCall& call = recording.calls[barrier.call];
  const std::string what = barrier.directory && RelativePath(barrier.path) == "."
                               ? "the directory"
                               : RelativePath(barrier.path);
  const std::string before =
      call.kind == Kind::kEnd
          ? fmt::format("step {} was acknowledged", StepAt(recording, barrier.call))
          : fmt::format("\"{}\"", Narrate(recording)[barrier.call]);
  return fmt::format("a sync of {} before {} (I/O {}) would have prevented it", what, before,
                     barrier.call);
}

}  // namespace

Diagnosis FindMissingBarrier(CrashJudge* judge, const Recording& recording,
                             const CrashFinding& finding) {
  const std::set<std::string> lost = Lost(finding.answer);
  const std::vector<Barrier> places = Places(recording, finding.cut);
  std::vector<CrashQuestion> questions;
  questions.reserve(places.size());
  for (const Barrier& barrier : places) {
    questions.push_back({finding.cut, CrashImage(), &lost, &barrier, finding.profile});
  }
  Diagnosis diagnosis;
  const uint64_t before = judge->counts().opens;
  const std::vector<CrashAnswer> answers = judge->Ask(questions, false);
  for (size_t i = 0; i < answers.size() && diagnosis.barrier.empty(); ++i) {
    if (!answers[i].verdict.ok) continue;
    std::vector<CrashQuestion> earlier;
    for (size_t cut = places[i].call; cut < finding.cut; ++cut) {
      earlier.push_back({cut, CrashImage(), &lost, &places[i], finding.profile});
    }
    const std::vector<CrashAnswer> all = judge->Ask(earlier, true);
    if (!std::all_of(all.begin(), all.end(), [](const auto& a) { return a.verdict.ok; })) continue;
    diagnosis.barrier = Describe(recording, places[i]);
    diagnosis.target = RelativePath(places[i].path);
    diagnosis.io = places[i].call;
  }
  diagnosis.runs = judge->counts().opens - before;
  return diagnosis;
}

Recording CutRecording(const Recording& recording, const CrashFinding& finding) {
  Recording cut = recording;
  cut.calls.resize(finding.cut);
  DiskReplay replay;
  replay.ApplyBefore(recording, finding.cut).IgnoreError();  // the judge's status has it
  const std::set<std::string> lost = Lost(finding.answer);
  CrashImage image{.kind = CrashImage::Kind::kUnits};
  const auto units = replay.disk().Unsynced();
  for (size_t i = 0; i < units.size(); ++i) {
    if (lost.count(UnitName(units[i])) == 0) image.units.emplace_back(i, true);
  }
  if (image.units.empty()) image = CrashImage();
  cut.crash = CrashPoint{{.nth = finding.cut}, image};
  return cut;
}

Story TellCrash(const Recording& recording, const CrashFinding& finding, Diagnosis diagnosis) {
  Story story;
  const Recording cut = CutRecording(recording, finding);
  const auto workload = WorkloadOf(cut);
  if (workload.ok()) story.trace = *workload;
  RunResult& result = story.result;
  size_t step = 0;
  for (size_t i = 0; i < cut.calls.size(); ++i) {
    const FileCall& call = cut.calls[i];
    if (call.kind == Kind::kBegin && call.bytes != "open") result.steps.emplace_back();
    if (call.kind == Kind::kEnd && step < result.steps.size()) {
      result.steps[step++] = {call.bytes, i};
    }
  }
  result.steps.resize(story.trace.operations.size());
  Operation crash;
  crash.kind = Operation::Kind::kCrash;
  crash.cuts = {*cut.crash};
  story.trace.operations.push_back(std::move(crash));
  result.steps.emplace_back();
  const Verdict& verdict = finding.answer.verdict;
  result.ok = false;
  result.property = verdict.property;
  result.step = story.trace.operations.size() - 1;
  result.key = verdict.key;
  result.expected = verdict.expected;
  result.actual = verdict.actual;
  CutReport& report = result.cuts.emplace_back();
  report.step = result.step;
  report.io = finding.cut;
  for (const bool kept : {true, false}) {
    for (const std::string& unit : kept ? finding.answer.kept : finding.answer.lost) {
      report.units.push_back(unit);
      report.image.emplace_back(kept);
    }
  }
  story.diagnosis = std::move(diagnosis);
  story.operations_before = story.trace.operations.size();
  return story;
}

}  // namespace lsm::lab
