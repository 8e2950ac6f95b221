#include "tools/verify/rows.h"

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/marks.h"

namespace lsm::lab {
namespace {

constexpr int kWorkers = 2;
constexpr size_t kMeanOperations = kMaxSeriesOperations / 2 + 10;

struct Budget {
  Flavour flavour;
  uint64_t operations;
};

// What a full run spends on each flavour: a few tens of seconds on two cores.
constexpr Budget kBudgets[] = {
    {Flavour::kModel, 240'000},  {Flavour::kCrashes, 240'000},   {Flavour::kSchedules, 180'000},
    {Flavour::kFaults, 180'000}, {Flavour::kHistories, 180'000}, {Flavour::kDamaged, 180'000},
};

uint64_t OperationsOf(const VerifyOptions& options, Flavour flavour) {
  if (options.operations > 0) return options.operations;
  return options.Amount(kBudgets[static_cast<size_t>(flavour)].operations);
}

Trace SmokeTrace() {
  constexpr int kKeys = 100;
  std::string puts, reads;
  for (int i = 0; i < kKeys; ++i) {
    puts += fmt::format("c0 put key{0} value{0}\n", i);
    reads += fmt::format("c0 get key{}\n", i);
  }
  reads += "c0 scan\n";
  return *Parse("lsmlab-trace 1\n" + puts + reads + "reopen\n" + reads);
}

}  // namespace

Row SmokeRow(const VerifyOptions& options) {
  RowWork work;
  work.name = "smoke";
  work.total = 1;
  work.silence_ms = RunOptions().silence_ms;
  work.trace = [](uint64_t) { return SmokeTrace(); };
  work.body = [&](int, Reporter* reporter) {
    reporter->Begin(0);
    const RunResult result = RunTrace(work.trace(0));
    if (!result.ok) return reporter->FailedTrace(0);
    reporter->Add("operations", result.operations);
    reporter->Add("checks", result.checks);
    reporter->Done(1);
  };
  return RunRow(options, work);
}

Row TraceRow(const VerifyOptions& options, Flavour flavour) {
  const uint64_t traces = OperationsOf(options, flavour) / kMeanOperations + 1;
  RowWork work;
  work.name = FlavourName(flavour);
  work.workers = kWorkers;
  work.total = traces;
  work.silence_ms = RunOptions().silence_ms;
  work.trace = [&](uint64_t index) { return TraceAt(flavour, options.seed, index); };
  work.body = [&](int worker, Reporter* reporter) {
    for (uint64_t i = static_cast<uint64_t>(worker); i < traces; i += kWorkers) {
      reporter->Begin(i);
      const RunResult result = RunTrace(work.trace(i));
      if (!result.ok) return reporter->FailedTrace(i);
      reporter->Add("traces", 1);
      reporter->Add("operations", result.operations);
      reporter->Add("checks", result.checks);
      reporter->Add("I/Os", result.io_count);
      if (result.crash_states > 0) reporter->Add("recoveries", result.crash_states);
      if (flavour == Flavour::kDamaged) reporter->Add("reported", result.excused.empty() ? 0 : 1);
      if (flavour == Flavour::kHistories) reporter->Add("undecided", result.undecided);
      reporter->Add("schedule points", result.schedule_points);
      for (size_t p = 0; p < kPolicies; ++p) {
        if (result.opens[p] > 0)
          reporter->Add(fmt::format("{} opens", kPolicyNames[p]), result.opens[p]);
      }
      if (result.tables_expired > 0) reporter->Add("tables expired", result.tables_expired);
      reporter->Done(1);
    }
  };
  return RunRow(options, work);
}

Row DeterminismRow(const VerifyOptions& options) {
  constexpr uint64_t kTracesAFlavour = 60;
  const uint64_t traces = kFlavours * options.Amount(kTracesAFlavour);
  RowWork work;
  work.name = "determinism";
  work.workers = kWorkers;
  work.total = traces;
  work.body = [&](int worker, Reporter* reporter) {
    RunOptions keep_log;
    keep_log.keep_log = true;
    for (uint64_t i = static_cast<uint64_t>(worker); i < traces; i += kWorkers) {
      reporter->Begin(i);
      const Trace trace = TraceAt(static_cast<Flavour>(i % kFlavours), options.seed, i / kFlavours);
      const std::string first = RunTrace(trace, keep_log).log,
                        second = RunTrace(trace, keep_log).log;
      if (first != second || first.empty()) {
        return reporter->Finding(fmt::format("two event logs of {}-{} differ",
                                             FlavourName(static_cast<Flavour>(i % kFlavours)),
                                             i / kFlavours));
      }
      reporter->Add("logs", 2);
      reporter->Add("log bytes", first.size() + second.size());
      reporter->Add("sum of checksums", crc32c::Value(first));  // to compare builds by
      reporter->Done(1);
    }
  };
  return RunRow(options, work);
}

Row MarksRow(bool full_run) {
  Row row;
  row.name = "marks";
  std::string missing;
  for (size_t i = 0; i < marks::kCount; ++i) {
    if (marks::counts[i].load() > 0) {
      row.Add("reached", 1);
    } else {
      missing += (missing.empty() ? "missing: " : ", ") + std::string(marks::kInfo[i].name);
    }
  }
  row.Add("marks", marks::kCount);
  row.note = missing;
  if (!missing.empty()) row.verdict = full_run ? RowVerdict::kFinding : RowVerdict::kReport;
  return row;
}

}  // namespace lsm::lab
