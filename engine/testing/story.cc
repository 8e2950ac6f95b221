#include "testing/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/escape.h"
#include "lsm/env.h"
#include "testing/normalise.h"
#include "testing/shrinker.h"

namespace lsm::lab {
namespace {

// One line; long ones are cut.
std::string OneLine(std::string text) {
  constexpr size_t kMostBytes = 160;
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() > kMostBytes) text = text.substr(0, kMostBytes) + "...";
  return text;
}

std::string Expectation(const RunResult& result, const std::string& what) {
  return result.key.empty() ? what : Escape(result.key) + " = " + what;
}

std::string StepText(const Story& story, size_t i) {
  const std::string& answer = story.result.steps[i].answer;
  const std::string operation = Print(story.trace.operations[i]);
  return answer.empty() ? operation : fmt::format("{}  -> {}", operation, OneLine(answer));
}

std::string StepName(const Story& story) {
  const size_t step = story.result.step;
  if (step >= story.trace.operations.size()) return "at the end";
  return fmt::format("at step {}", step + 1);
}

}  // namespace

std::string ReplayCommand(const Story& story) {
  // Set by ./lab: the words that replay a trace on the mix that it built.
  const char* const prefix = std::getenv("LSM_REPLAY_PREFIX");
  return fmt::format("{} {}", prefix != nullptr ? prefix : "./lab replay",
                     story.file.empty() ? "FILE" : story.file);
}

std::string ToText(const Story& story) {
  const RunResult& result = story.result;
  std::string text = fmt::format("{} ({})\n", PropertyText(result.property), StepName(story));
  for (size_t i = 0; i < story.trace.operations.size(); ++i) {
    text += fmt::format("  {}{:>3}. {}\n", i == result.step ? '>' : ' ', i + 1, StepText(story, i));
  }
  for (const auto& [name, value] : story.trace.options) {
    text += fmt::format("  with {} = {}\n", name, value);
  }
  if (story.trace.Preempts()) text += "  with " + PrintSchedule(story.trace) + "\n";
  text += "  expected: " + Expectation(result, result.expected) + "\n";
  text += "  actual:   " + Expectation(result, result.actual) + "\n";
  if (!result.cuts.empty() && !result.cuts.back().Lost().empty()) {
    text += fmt::format("  lost with the power (I/O {}):\n", result.cuts.back().io);
    for (const std::string& unit : result.cuts.back().Lost()) text += "    " + unit + "\n";
  }
  if (!story.diagnosis.barrier.empty()) {
    text += "  missing barrier: " + story.diagnosis.barrier + "\n";
  }
  text += fmt::format("  meaning: docs/guarantees.md, {}\n", PropertyId(result.property));
  for (const std::string& stage : story.trace.stages) text += "  built with: " + stage + "\n";
  text += fmt::format("  shrunk from {} to {} operations in {} runs\n", story.operations_before,
                      story.trace.operations.size(), story.runs);
  text += "  replay: " + ReplayCommand(story) + "\n";
  text += "  step by step: " + ReplayCommand(story) + " --text\n";
  return text;
}

nlohmann::json ToJson(const Story& story) {
  const RunResult& result = story.result;
  nlohmann::json steps = nlohmann::json::array();
  for (size_t i = 0; i < story.trace.operations.size(); ++i) {
    steps.push_back(
        {{"operation", Print(story.trace.operations[i])}, {"answer", result.steps[i].answer}});
  }
  return {{"clause", PropertyId(result.property)},
          {"property", PropertyText(result.property)},
          {"steps", steps},
          {"failed_step", result.step + 1},
          {"key", Escape(result.key)},
          {"expected", result.expected},
          {"actual", result.actual},
          {"lost", result.cuts.empty() ? std::vector<std::string>() : result.cuts.back().Lost()},
          {"barrier", story.diagnosis.barrier},
          {"trace", Print(story.trace)},
          {"file", story.file},
          {"replay", ReplayCommand(story)},
          {"operations_before", story.operations_before},
          {"operations_after", story.trace.operations.size()},
          {"runs", story.runs}};
}

Story Investigate(const Trace& trace, const RunResult& result, const TraceRunner& run,
                  const InvestigateOptions& options) {
  Story story;
  story.operations_before = trace.operations.size();
  const TraceRunner& shrink_run = options.shrink_run ? options.shrink_run : run;
  Env* const clock = Env::Default();
  RunOptions quick;
  uint64_t max_runs = options.max_shrink_runs;
  if (result.silent) {
    quick.silence_ms = options.shrink_silence_ms;
    max_runs = std::min(max_runs, options.max_silent_runs);
  }
  uint64_t runs = 0;
  const auto judge = [&](const Trace& candidate) {
    ++runs;
    return shrink_run(candidate, quick);
  };
  const auto same = [&](const RunResult& r) { return !r.ok && r.property == result.property; };
  const StillFails fails = [&](const Trace& candidate) { return same(judge(candidate)); };
  const ShrinkDeadline deadline{clock, clock->NowMicros() + options.max_shrink_ms * 1000};
  const auto shrink = [&](Trace candidate) {
    const uint64_t left = max_runs - std::min(runs, max_runs);
    return Shrink(std::move(candidate), fails, left, deadline).trace;
  };
  // Writes the trace so that it stays true, if it then still fails.
  const auto normalise = [&](Trace* candidate, Images images) {
    if (result.silent) return false;
    Trace normal = Normalise(*candidate, judge(*candidate), images);
    if (normal == *candidate || !fails(normal)) return false;
    *candidate = std::move(normal);
    return true;
  };
  Trace small = trace;
  // What stands behind the failing step may matter to a concurrent run; to a plain one it cannot.
  if (trace.clients == 1 && result.step + 1 < small.operations.size()) {
    small.operations.resize(result.step + 1);
    if (!fails(small)) small = trace;
  }
  // Named addresses survive what the shrinker leaves out; images are written out once few units are
  // left.
  normalise(&small, Images::kAsTheyAre);
  small = shrink(std::move(small));
  if (normalise(&small, Images::kUnitByUnit)) small = shrink(std::move(small));
  story.trace = std::move(small);
  story.result = run(story.trace, {});
  // A slow run was taken for an endless one, or a run depended on those before it.
  if (!same(story.result)) {
    story.trace = trace;
    story.result = result;
  }
  story.trace.expect = VerdictOf(story.result);
  if (!story.result.silent) {
    story.diagnosis = FindMissingBarrier(story.trace, story.result, run, options.max_barrier_runs);
  }
  story.runs = runs + story.diagnosis.runs + 1;
  return story;
}

}  // namespace lsm::lab
