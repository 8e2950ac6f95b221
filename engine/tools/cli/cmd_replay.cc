// The verb replay: runs a trace and stops at the first step that differs from what must be.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "testing/files.h"
#include "testing/isolate.h"
#include "testing/normalise.h"
#include "tools/cli/program.h"

namespace lsm::cli {
namespace {

struct ReplayArguments {
  std::string trace, out;
  bool text = false, json = false;
};

std::vector<std::string> Lost(const lab::RunResult& result) {
  return result.cuts.empty() ? std::vector<std::string>() : result.cuts.back().Lost();
}

std::string StepText(const lab::Trace& trace, size_t step) {
  if (step >= trace.operations.size()) return "at the end";
  return fmt::format("step {}: {}", step + 1, Print(trace.operations[step]));
}

// What the run says to the trace's line `expect`, if it has one.
std::string ExpectationText(const lab::Trace& trace, const lab::RunResult& r) {
  if (trace.expect.empty() || trace.expect == lab::VerdictOf(r)) {
    return r.ok || trace.expect.empty() ? "" : fmt::format("reproduced: {}\n", trace.expect);
  }
  return fmt::format("not reproduced: the trace expects {}, the run ended with {}\n", trace.expect,
                     lab::VerdictOf(r));
}

// A trace that does not do what it says shows nothing.
std::string StaleText(const lab::RunResult& r) {
  if (r.stale.empty()) return "";
  std::string text = "stale: what the trace says did not happen:\n";
  for (const std::string& what : r.stale) text += "  " + what + "\n";
  return text + "make the trace anew, or take these lines out of it\n";
}

std::string ResultText(const lab::Trace& trace, const lab::RunResult& r) {
  if (r.ok) {
    std::string text = fmt::format("{} steps as expected: {} answers judged, {} recoveries\n",
                                   r.operations, r.checks, r.crash_states);
    if (!r.excused.empty()) text += fmt::format("ended early: {}\n", r.excused);
    return text + ExpectationText(trace, r) + StaleText(r);
  }
  std::string text = fmt::format("{}\n", StepText(trace, r.step));
  if (!r.key.empty()) text += fmt::format("  key:      {}\n", Escape(r.key));
  text += fmt::format("  expected: {}\n  actual:   {}\n  property: {}\n", r.expected, r.actual,
                      PropertyText(r.property));
  for (const std::string& unit : Lost(r)) text += fmt::format("  lost:     {}\n", unit);
  return text + ExpectationText(trace, r);
}

nlohmann::json ResultJson(const lab::Trace& trace, const lab::RunResult& r) {
  nlohmann::json steps = nlohmann::json::array();
  for (size_t i = 0; i < r.steps.size() && i < trace.operations.size(); ++i) {
    steps.push_back({{"operation", Print(trace.operations[i])}, {"answer", r.steps[i].answer}});
  }
  nlohmann::json json = {{"ok", r.ok},
                         {"steps", steps},
                         {"operations", r.operations},
                         {"checks", r.checks},
                         {"crash_states", r.crash_states},
                         {"expect", trace.expect},
                         {"stale", r.stale},
                         {"excused", r.excused}};
  if (r.ok) return json;
  json["failed_step"] = r.step + 1;
  json["key"] = Escape(r.key);
  json["expected"] = r.expected;
  json["actual"] = r.actual;
  json["clause"] = PropertyId(r.property);
  json["property"] = PropertyText(r.property);
  json["lost"] = Lost(r);
  return json;
}

Status Replay(const ReplayArguments& a, Program* program) {
  LSM_ASSIGN_OR_RETURN(const std::string text, lab::LoadText(a.trace));
  auto trace = lab::Parse(text);
  if (!trace.ok()) {
    return Status(trace.status().code(), fmt::format("{}: {}", a.trace, trace.status().message()));
  }
  lab::RunOptions options;
  if (a.text) {
    options.transcript = [program](const std::string& line) {
      fmt::print(program->out, "{}{}", line, line.empty() || line.back() != '\n' ? "\n" : "");
      std::fflush(program->out);  // a run without an answer is killed
    };
  }
  // In a process of its own: an abort of the engine is a result.
  const lab::RunResult result = lab::RunTraceIsolated(*trace, options);
  if (!result.ok || !result.stale.empty()) program->exit = kExitFinding;
  if (a.json) {
    fmt::print(program->out, "{}\n", ResultJson(*trace, result).dump(2));
  } else {
    fmt::print(program->out, "{}", ResultText(*trace, result));
  }
  if (a.out.empty()) return Status::Ok();
  return lab::SaveText(a.out, ResultJson(*trace, result).dump(2) + "\n");
}

}  // namespace

void AddReplayVerb(CLI::App* app, Program* program) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* verb = AddVerb(app, program, "replay",
                           "run a trace in a simulated world, up to the first step that is wrong",
                           "  lsm replay found.trace\n  lsm replay found.trace --text",
                           [arguments, program] { return Replay(*arguments, program); });
  verb->add_option("TRACE", arguments->trace, "a file in the trace language")->required();
  CLI::Option* text =
      verb->add_flag("--text", arguments->text, "print each step, its answer and the tree");
  verb->add_flag("--json", arguments->json, "print the result as JSON")->excludes(text);
  verb->add_option("--out", arguments->out, "write the result to this file as JSON")
      ->type_name("FILE");
}

}  // namespace lsm::cli
