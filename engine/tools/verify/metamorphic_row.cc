#include "testing/metamorphic.h"

#include "tools/verify/rows.h"

namespace lsm::lab {
namespace {

constexpr int kWorkers = 2;
constexpr uint64_t kHistories = 60;
constexpr size_t kOperations = 120;
constexpr uint64_t kRandomSets = 10;

// Random operations of one client, with a reopen after each quarter.
Trace Operations(uint64_t seed) {
  Trace trace = GenerateTrace(Flavour::kModel, seed, kOperations);
  Operation reopen;
  reopen.kind = Operation::Kind::kReopen;
  for (size_t quarter = 4; quarter-- > 1;) {
    const auto at = static_cast<ptrdiff_t>(trace.operations.size() * quarter / 4);
    trace.operations.insert(trace.operations.begin() + at, reopen);
  }
  return trace;
}

}  // namespace

Row MetamorphicRow(const VerifyOptions& options) {
  const uint64_t histories = options.Amount(kHistories);
  RowWork work;
  work.name = "metamorphic";
  work.workers = kWorkers;
  work.total = histories;
  work.silence_ms = RunOptions().silence_ms;
  work.body = [&](int worker, Reporter* reporter) {
    for (auto i = static_cast<uint64_t>(worker); i < histories; i += kWorkers) {
      reporter->Begin(i);
      std::vector<OptionSet> sets = NamedOptionSets();
      for (uint64_t s = 0; s < kRandomSets; ++s) {
        sets.push_back(RandomOptionSet(options.seed + i * kRandomSets + s));
      }
      const MetamorphicReport report =
          RunUnderAll(Operations(options.seed + i), sets,
                      [reporter](const Trace& trace) { reporter->Running(trace); });
      reporter->Add("runs", report.runs);
      reporter->Add("answers compared", report.answers);
      reporter->Add("histories", 1);
      if (report.failed.has_value()) return reporter->FailedTrace(i);
      if (!report.difference.empty()) return reporter->Finding(report.difference);
      reporter->Done(1);
    }
  };
  return RunRow(options, work);
}

}  // namespace lsm::lab
