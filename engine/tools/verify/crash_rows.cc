// The rows that go through every I/O operation of the workloads.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "testing/error_sweep.h"
#include "testing/exhaustive.h"
#include "testing/sim/random.h"
#include "testing/sweep.h"
#include "tools/verify/rows.h"
#include "tools/verify/workloads.h"

namespace lsm::lab {
namespace {

constexpr int kWorkers = 2;

using TraceWork = std::function<void(const Trace& trace, uint64_t index, Reporter* reporter)>;

// Does `work` with variants of every workload: a quick run with one of each, a normal one with half
// of them, a full one with all, `rounds_max` times at most.
Row WorkloadRow(const VerifyOptions& options, std::string name, uint64_t rounds_max,
                const TraceWork& work_on) {
  const auto workloads = LoadWorkloads();
  if (!workloads.ok()) {
    Row row;
    row.name = std::move(name);
    row.verdict = RowVerdict::kFinding;
    row.note = workloads.status().ToString();
    return row;
  }
  const std::vector<Trace> traces = AllVariants(*workloads);
  RowWork work;
  work.name = std::move(name);
  work.workers = kWorkers;
  work.total = std::min(options.Amount(traces.size() / 2), rounds_max * traces.size());
  work.silence_ms = RunOptions().silence_ms;
  work.body = [&](int worker, Reporter* reporter) {
    for (auto i = static_cast<uint64_t>(worker); i < work.total; i += kWorkers) {
      reporter->Begin(i);
      work_on(traces[i % traces.size()], i, reporter);
      reporter->Done(1);
    }
  };
  return RunRow(options, work);
}

// True if all passed.
bool Report(const SweepReport& report, uint64_t index, Reporter* reporter) {
  reporter->Add("crash states", report.states);
  reporter->Add("distinct", report.distinct);
  reporter->Add("in a recovery", report.again);
  reporter->Add("told", report.told);
  reporter->Add("cuts", report.cuts);
  for (size_t i = 0; i < report.fates.size(); ++i) {
    const auto fate = static_cast<sim::Fate::Kind>(i);
    if (report.fates[i] > 0) reporter->Add(fmt::format("units {}", NameOf(fate)), report.fates[i]);
  }
  if (report.failed.has_value()) reporter->FailedTrace(index);
  return !report.failed.has_value();
}

}  // namespace

Row SweepRow(const VerifyOptions& options) {
  const auto work = [&](const Trace& trace, uint64_t index, Reporter* reporter) {
    SweepOptions sweep;
    sim::Random random(options.seed + index);
    sweep.seed = random.Next();
    sweep.on_trace = [reporter](const Trace& t) { reporter->Running(t); };
    if (!Report(Sweep(trace, sweep), index, reporter)) return;
    // Once more around an error: while it stands, during the Resume and behind it.
    const std::vector<IoPlace> places = SurveyIo(trace).places;
    const IoPlace& place = places[random.Below(places.size())];
    const Aftermath aftermath = random.Below(2) == 0 ? Aftermath::kSticky : Aftermath::kResume;
    sweep.first_step = place.step + 1;  // behind the `fail`
    sweep.last_step = place.step + 4;
    const Trace failing = FailAt(trace, place, sim::Fault(), aftermath);
    Report(Sweep(failing, sweep), index, reporter);
  };
  return WorkloadRow(options, "sweep", VerifyOptions::kFullTimes, work);
}

Row ExhaustiveRow(const VerifyOptions& options) {
  constexpr std::array<IoMode, kWorkers> kModes = {IoMode::kPlain, IoMode::kMapped};
  const size_t length = options.effort == Effort::kFull ? 5 : 4;
  const uint64_t count = SequenceCount(length);
  const uint64_t sequences = std::min(options.Amount(count / 2), count);
  RowWork work;
  work.name = "exhaustive";
  work.workers = kWorkers;
  work.total = sequences * kModes.size();
  work.silence_ms = RunOptions().silence_ms;
  work.body = [&](int worker, Reporter* reporter) {
    SeenStates seen;
    SweepOptions sweep;
    sweep.cuts_max = 1;
    sweep.seen = &seen;
    sweep.on_trace = [reporter](const Trace& t) { reporter->Running(t); };
    for (uint64_t i = 0; i < sequences; ++i) {
      reporter->Begin(i);
      // Each once, in an order of which any part has all letters in all places.
      constexpr uint64_t kStride = 6181;  // shares no divisor with the count
      const uint64_t index = (options.seed + i) * kStride % count;
      const Sequence sequence = SequenceAt(length, index, kModes[static_cast<size_t>(worker)]);
      sweep.first_step = sequence.last_letter;
      reporter->Add("sequences", 1);
      if (!Report(Sweep(sequence.trace, sweep), i, reporter)) return;
      reporter->Done(1);
    }
  };
  return RunRow(options, work);
}

Row IoErrorsRow(const VerifyOptions& options) {
  // A prime: it goes by turns through the effects of a place and the places of a step.
  constexpr uint64_t kOneIn = 5;
  const auto work = [&](const Trace& trace, uint64_t index, Reporter* reporter) {
    ErrorSweepOptions sweep;
    sweep.all_aftermaths = options.effort == Effort::kFull;
    sweep.one_in = options.effort == Effort::kFull ? 1 : kOneIn;
    sweep.first = options.seed + index;
    sweep.on_trace = [reporter](const Trace& t) { reporter->Running(t); };
    const ErrorSweepReport report = SweepErrors(trace, sweep);
    reporter->Add("errors", report.errors);
    reporter->Add("checks", report.checks);
    reporter->Add("places", report.places);
    for (size_t i = 0; i < report.effects.size(); ++i) {
      const auto effect = static_cast<sim::Effect>(i);
      if (report.effects[i] > 0) reporter->Add(NameOf(effect), report.effects[i]);
    }
    if (report.failed.has_value()) reporter->FailedTrace(index);
  };
  return WorkloadRow(options, "io-errors", 1, work);
}

}  // namespace lsm::lab
