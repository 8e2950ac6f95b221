// Target trace: the input is the text of a trace.
#include "fuzz/trace_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "db/check_options.h"
#include "testing/generator.h"

namespace lsm::fuzz {
namespace {

using lab::Operation;
using lab::Trace;

// Ends within milliseconds: few operations, small values and buffers, and no long sleep of which a
// periodic job would make millions of steps.
bool IsShort(const Trace& trace) {
  constexpr size_t kMaxBytes = size_t{64} << 10;
  constexpr uint64_t kMaxPeriods = 1000;
  const Options options = lab::OptionsOf(trace);
  size_t bytes = 0;
  uint64_t sleep_us = 0;
  for (const Operation& op : trace.operations) {
    for (const lab::Update& update : op.updates) {
      bytes += update.key.size() + update.value.value_or("").size();
    }
    if (op.kind == Operation::Kind::kSleep) sleep_us += op.number;
  }
  const uint64_t period_us = std::min(options.wal_sync_interval_us, options.resume_backoff_us_max);
  return trace.operations.size() <= kMaxOperations && bytes <= kMaxBytes &&
         sleep_us / period_us <= kMaxPeriods && options.memtable_bytes <= kMaxBytes;
}

std::vector<std::string> TraceSeeds() {
  constexpr size_t kOperations = 24;
  std::vector<std::string> seeds;
  for (const lab::Flavour flavour : {lab::Flavour::kModel, lab::Flavour::kCrashes,
                                     lab::Flavour::kSchedules, lab::Flavour::kFaults}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      seeds.push_back(lab::Print(lab::GenerateTrace(flavour, seed, kOperations)));
    }
  }
  return seeds;
}

}  // namespace

Finding CheckRun(const Trace& trace, const lab::OpenDb& open) {
  lab::RunOptions options;
  options.open = open;
  const lab::RunResult result = lab::RunTrace(trace, options);
  if (result.ok) return "";
  const std::string step =
      result.step < trace.operations.size() ? lab::Print(trace.operations[result.step]) : "the end";
  return fmt::format("{} at step {}, {}: {}expected {}, actual {}",
                     lab::PropertyText(result.property), result.step + 1, step,
                     result.key.empty() ? "" : "key " + Escape(result.key) + ", ", result.expected,
                     result.actual);
}

Finding CheckTraceText(std::string_view input, PrintTrace print, const lab::OpenDb& open) {
  const Result<Trace> trace = lab::Parse(input);
  if (!trace.ok()) {
    const bool says_where = trace.status().code() == StatusCode::kInvalidArgument &&
                            trace.status().message().starts_with("line ");
    return says_where ? "" : "an error that does not say where: " + trace.status().ToString();
  }
  const std::string printed = print(*trace);
  const Result<Trace> again = lab::Parse(printed);
  if (!again.ok()) return "what was printed is refused: " + again.status().ToString();
  if (!(*again == *trace)) return "Parse(Print(t)) is another trace:\n" + printed;
  Options options = lab::OptionsOf(*trace);
  if (!IsShort(*trace) || !CheckOptions(options).ok()) return "";
  return CheckRun(*trace, open);
}

Target TraceTarget() {
  return {.name = "trace",
          .about = "the text of a trace: Parse(Print(t)) = t, and a short one runs without finding",
          .max_bytes = size_t{4} << 10,
          .check =
              [](std::string_view input) {
                return CheckTraceText(
                    input, [](const Trace& t) { return lab::Print(t); }, DB::Open);
              },
          .seeds = TraceSeeds,
          .explain = [](std::string_view input) { return std::string(input); },
          .to_trace = lab::Parse};
}

}  // namespace lsm::fuzz
