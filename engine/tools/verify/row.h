// A row of a verification: one kind of work, done in child processes, with counts, time and
// verdict.
//
// A child reports over a Reporter: one line an event, so that a child that dies has still told what
// it did and at which trace it was.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/isolate.h"
#include "testing/story.h"

namespace lsm::lab {

enum class Effort : uint8_t { kQuick, kNormal, kFull };

struct VerifyOptions {
  uint64_t seed = 1;
  Effort effort = Effort::kNormal;
  uint64_t operations = 0;  // of each trace row; 0: the default
  std::string out = "lsm-verify.out";

  // What becomes of a normal run's amount.
  uint64_t Amount(uint64_t normal) const {
    return effort == Effort::kQuick  ? normal / kQuickPart
           : effort == Effort::kFull ? normal * kFullTimes
                                     : normal;
  }
  static constexpr uint64_t kQuickPart = 6;
  static constexpr uint64_t kFullTimes = 25;
};

enum class RowVerdict : uint8_t { kOk, kFinding, kSkipped, kReport };

struct Row {
  std::string name;
  RowVerdict verdict = RowVerdict::kOk;
  std::vector<std::pair<std::string, uint64_t>> counts;  // in the order of first report
  std::string note;                                      // why skipped, what was found
  double seconds = 0;
  std::optional<Story> story;

  void Add(std::string_view name, uint64_t n);
  uint64_t Count(std::string_view name) const;
};

// What a child tells.
class Reporter {
 public:
  explicit Reporter(const EmitLine& emit) : emit_(emit) {}

  void Add(std::string_view name, uint64_t n);
  void Done(uint64_t n);       // progress
  void Begin(uint64_t index);  // of the trace that runs next; ascending
  void FailedTrace(uint64_t index);
  // For work that runs many traces an index: the trace that runs next, and that failed if
  // FailedTrace follows.
  void Running(const Trace& trace);
  void Finding(std::string_view text);
  void Marks();  // the coverage marks hit in this process

 private:
  const EmitLine& emit_;
};

struct RowWork {
  std::string name;
  int workers = 1;
  uint64_t silence_ms = 120'000;  // see Silence; a worker that tells nothing is ended: P14
  uint64_t total = 0;             // what the Done() of all workers add up to
  std::function<void(int worker, Reporter*)> body;
  // The trace of an index, for rows that run one trace an index.
  std::function<Trace(uint64_t index)> trace;
  TraceRunner run = RunTrace;  // how they are run
  // For other rows: what is to be said of the index at which a worker died.
  std::function<std::string(uint64_t index)> after_death;
};

// Runs the work; a failing trace is shrunk, diagnosed, and saved in options.out. Of several
// findings the one of the lowest index counts, whichever worker is the fastest.
Row RunRow(const VerifyOptions& options, const RowWork& work);

// One line: name, verdict, seconds, counts.
std::string ToText(const Row& row);
nlohmann::json ToJson(const Row& row);

}  // namespace lsm::lab
