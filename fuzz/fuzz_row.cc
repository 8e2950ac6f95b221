// Row fuzz of lsm-verify: seeds and mutations of every target, without libFuzzer. It stands here
// and not with the other rows, because the engine's tools must not know of the fuzz targets.
#include <fmt/format.h>

#include <algorithm>

#include "base/crc32c.h"
#include "fuzz/campaign.h"
#include "fuzz/mutator.h"
#include "testing/files.h"
#include "tools/verify/rows.h"

namespace lsm::lab {
namespace {

constexpr uint64_t kWorkers = 2;
constexpr uint64_t kMutationsOfATarget = 12'000;  // in a full run

class FuzzWork {
 public:
  explicit FuzzWork(const VerifyOptions& options)
      : options_(options), mutations_(options.Amount(kMutationsOfATarget)) {}

  // Not OK: the engine cannot even write the files to begin with.
  Status LoadSeeds() {
    for (const fuzz::Target& target : fuzz::Targets()) {
      LSM_ASSIGN_OR_RETURN(auto seeds, fuzz::Seeds(target));
      total_ += seeds.size() + mutations_;
      seeds_.push_back(std::move(seeds));
    }
    return Status::Ok();
  }

  uint64_t total() const { return total_; }

  void Run(uint64_t worker, Reporter* reporter) const {
    constexpr uint64_t kReportEvery = 64;
    uint64_t unreported = 0;
    const auto report = [&] {
      reporter->Add("executions", unreported);
      reporter->Done(unreported);
      unreported = 0;
    };
    for (uint64_t i = worker; i < total_; i += kWorkers) {
      reporter->Begin(i);
      const Input input = At(i);
      const fuzz::Finding finding = fuzz::Check(*input.target, input.bytes);
      if (!finding.empty()) return reporter->Finding(finding + Save(i));
      if (++unreported == kReportEvery) report();
    }
    report();
    if (worker == 0) reporter->Add("targets", fuzz::Targets().size());
  }

  // Saves an input that failed; how to run it again.
  std::string Save(uint64_t index) const {
    const Input input = At(index);
    const std::string file = fmt::format("{}/fuzz-{}-{:08x}", options_.out, input.target->name,
                                         crc32c::Value(input.bytes));
    const Status saved = SaveText(file, input.bytes);
    return fmt::format("\n  again: ./lab fuzz {} {}{}", input.target->name, file,
                       saved.ok() ? "" : " (not saved: " + saved.ToString() + ")");
  }

 private:
  struct Input {
    const fuzz::Target* target;
    std::string bytes;
  };

  // Seeds and mutations of the first target, then of the second, ...
  Input At(uint64_t index) const {
    for (size_t t = 0;; ++t) {
      const fuzz::Target& target = fuzz::Targets()[t];
      const std::vector<std::string>& seeds = seeds_[t];
      if (index < seeds.size()) return {&target, seeds[index]};
      index -= seeds.size();
      if (index < mutations_) return {&target, MutationAt(target, seeds, options_.seed, index)};
      index -= mutations_;
    }
  }

  const VerifyOptions& options_;
  const uint64_t mutations_;
  uint64_t total_ = 0;
  std::vector<std::vector<std::string>> seeds_;
};

}  // namespace

Row FuzzRow(const VerifyOptions& options) {
  FuzzWork fuzzing(options);
  if (const Status s = fuzzing.LoadSeeds(); !s.ok()) {
    Row row;
    row.name = "fuzz";
    row.verdict = RowVerdict::kFinding;
    row.note = s.ToString();
    return row;
  }
  RowWork work;
  work.name = "fuzz";
  work.workers = kWorkers;
  work.total = fuzzing.total();
  work.body = [&](int worker, Reporter* reporter) {
    fuzzing.Run(static_cast<uint64_t>(worker), reporter);
  };
  work.after_death = [&](uint64_t index) { return fuzzing.Save(index); };
  return RunRow(options, work);
}

}  // namespace lsm::lab
