#include "tools/verify/row.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <map>

#include "base/escape.h"
#include "base/marks.h"
#include "lsm/env.h"
#include "tools/verify/files.h"

namespace lsm::lab {
namespace {

constexpr uint64_t kSilenceMs = 120'000;

// Tells on standard error how far a row is: often on a terminal, else every few seconds.
class Progress {
 public:
  Progress(std::string name, uint64_t total)
      : name_(std::move(name)), total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
  }

  void Done(uint64_t n) {
    done_ += n;
    const uint64_t now = Env::Default()->NowMicros();
    const uint64_t pause_us = terminal_ ? 100'000 : 5'000'000;
    if (now - told_ < pause_us) return;
    told_ = now;
    const uint64_t percent = total_ == 0 ? 0 : 100 * done_ / total_;
    fmt::print(stderr, "{}{}: {} of {} ({} %){}", terminal_ ? "\r\x1b[K" : "", name_, done_, total_,
               percent, terminal_ ? "" : "\n");
    std::fflush(stderr);
  }

 private:
  const std::string name_;
  const uint64_t total_;
  const bool terminal_;
  uint64_t done_ = 0;
  uint64_t told_ = Env::Default()->NowMicros();
};

uint64_t ToNumber(std::string_view text) {
  uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

// What the lines of a row's workers add up to.
class Listener {
 public:
  Listener(Row* row, uint64_t total) : row_(row), progress_(row->name, total) {}

  // False: no need to go on.
  bool OnLine(int worker, std::string_view line) {
    const size_t first = line.find(' '), second = line.find(' ', first + 1);
    const std::string_view verb = line.substr(0, first);
    const std::string_view a = line.substr(first + 1, second - first - 1);
    const std::string_view b = second == line.npos ? "" : line.substr(second + 1);
    if (verb == "add") row_->Add(b, ToNumber(a));
    if (verb == "done") progress_.Done(ToNumber(a));
    if (verb == "begin") running_[worker] = ToNumber(a);
    if (verb == "mark") {
      marks::counts[ToNumber(a)].fetch_add(ToNumber(b), std::memory_order_relaxed);
    }
    if (verb == "failed") failed_ = ToNumber(a);
    if (verb == "finding") {
      row_->verdict = RowVerdict::kFinding;
      row_->note = *Unescape(a);
    }
    return row_->verdict == RowVerdict::kOk && !failed_.has_value();
  }

  // The trace that failed: it said so, or its worker died in it.
  std::optional<uint64_t> FailedTrace(const std::vector<WorkerEnd>& ends) const {
    for (size_t w = 0; w < ends.size() && !failed_.has_value(); ++w) {
      const auto running = running_.find(static_cast<int>(w));
      if (!ends[w].ok && running != running_.end()) return running->second;
    }
    return failed_;
  }

 private:
  Row* const row_;
  Progress progress_;
  std::map<int, uint64_t> running_;
  std::optional<uint64_t> failed_;
};

void TellStory(const VerifyOptions& options, const Trace& trace, const std::string& stem,
               Row* row) {
  row->verdict = RowVerdict::kFinding;
  const TraceRunner run = [](const Trace& t, const RunOptions& o) {
    return RunTraceIsolated(t, o);
  };
  const std::string found = fmt::format("{}/{}-found.trace", options.out, stem);
  if (Status s = SaveText(found, Print(trace)); !s.ok()) row->note = s.ToString();
  const RunResult result = run(trace, {});
  if (result.ok) {
    row->note = fmt::format(
        "{} failed in a worker and passes alone: the run is not a function of "
        "the trace",
        found);
    return;
  }
  row->story = Investigate(trace, result, run);
  row->story->file = fmt::format("{}/{}.trace", options.out, stem);
  if (Status s = SaveText(row->story->file, Print(row->story->trace)); !s.ok()) {
    row->note = s.ToString();
  }
}

}  // namespace

void Row::Add(std::string_view count, uint64_t n) {
  for (auto& [name_of, value] : counts) {
    if (name_of == count) {
      value += n;
      return;
    }
  }
  counts.emplace_back(count, n);
}

uint64_t Row::Count(std::string_view count) const {
  for (const auto& [name_of, value] : counts) {
    if (name_of == count) return value;
  }
  return 0;
}

void Reporter::Add(std::string_view name, uint64_t n) { emit_(fmt::format("add {} {}", n, name)); }
void Reporter::Done(uint64_t n) { emit_(fmt::format("done {}", n)); }
void Reporter::Begin(uint64_t index) { emit_(fmt::format("begin {}", index)); }
void Reporter::FailedTrace(uint64_t index) { emit_(fmt::format("failed {}", index)); }
void Reporter::Finding(std::string_view text) { emit_(fmt::format("finding {}", Escape(text))); }
void Reporter::Marks() {
  for (size_t i = 0; i < marks::kCount; ++i) {
    if (const uint64_t n = marks::counts[i].load(); n > 0) emit_(fmt::format("mark {} {}", i, n));
  }
}

Row RunRow(const VerifyOptions& options, const RowWork& work) {
  Row row;
  row.name = work.name;
  const uint64_t start = Env::Default()->NowMicros();
  {
    Listener listener(&row, work.total);
    const std::vector<WorkerEnd> ends = RunWorkers(
        work.workers, kSilenceMs,
        [&](int worker, const EmitLine& emit) {
          marks::ResetAll();
          Reporter reporter(emit);
          work.body(worker, &reporter);
          reporter.Marks();
        },
        [&](int worker, std::string_view line) { return listener.OnLine(worker, line); });
    const std::optional<uint64_t> failed = listener.FailedTrace(ends);
    if (failed.has_value() && work.trace) {
      TellStory(options, work.trace(*failed), fmt::format("{}-{}", work.name, *failed), &row);
    }
    for (const WorkerEnd& end : ends) {
      if (end.ok || row.verdict == RowVerdict::kFinding) continue;
      row.verdict = RowVerdict::kFinding;
      row.note = end.how + ": " + end.errors;
    }
  }
  if (row.verdict == RowVerdict::kOk && (row.counts.empty() || row.counts[0].second == 0)) {
    row.verdict = RowVerdict::kFinding;
    row.note = "nothing was done";
  }
  row.seconds = static_cast<double>(Env::Default()->NowMicros() - start) / 1e6;
  return row;
}

std::string ToText(const Row& row) {
  constexpr std::string_view kVerdicts[] = {"ok", "FINDING", "skipped", "report"};
  std::string text = fmt::format("{:<14} {:<8} {:>7.1f} s ", row.name,
                                 kVerdicts[static_cast<size_t>(row.verdict)], row.seconds);
  for (const auto& [name, n] : row.counts) text += fmt::format(" {} {}", n, name);
  if (!row.note.empty()) text += "  " + row.note;
  return text;
}

nlohmann::json ToJson(const Row& row) {
  constexpr std::string_view kVerdicts[] = {"ok", "finding", "skipped", "report"};
  nlohmann::json counts = nlohmann::json::object();
  for (const auto& [name, n] : row.counts) counts[name] = n;
  nlohmann::json json = {{"row", row.name},
                         {"verdict", kVerdicts[static_cast<size_t>(row.verdict)]},
                         {"counts", counts},
                         {"seconds", row.seconds},
                         {"note", row.note}};
  if (row.story.has_value()) json["story"] = ToJson(*row.story);
  return json;
}

}  // namespace lsm::lab
