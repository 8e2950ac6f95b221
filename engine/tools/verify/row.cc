#include "tools/verify/row.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/escape.h"
#include "base/marks.h"
#include "base/mix.h"
#include "lsm/env.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

// Tells on standard error how far a row is: often on a terminal, else every few seconds.
class Progress {
 public:
  Progress(std::string name, uint64_t total)
      : name_(std::move(name)), total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
  }

  void Say(std::string_view text) const {
    fmt::print(stderr, "{}{}: {}\n", terminal_ ? "\r\x1b[K" : "", name_, text);
    std::fflush(stderr);
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

// A printed trace has no tabs: they stand for its line ends.
std::string OnOneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', '\t');
  return text;
}
std::string OnManyLines(std::string text) {
  std::replace(text.begin(), text.end(), '\t', '\n');
  return text;
}

// What a worker found wrong.
struct Failure {
  int64_t index = 0;  // of its trace; -1: before the first
  int worker = 0;
  std::optional<std::string> finding;  // none: the trace failed
  std::string running;                 // as Reporter::Running told it

  bool Before(const Failure& other) const {
    return std::pair(index, worker) < std::pair(other.index, other.worker);
  }
};

// What the lines of a row's workers add up to.
class Listener {
 public:
  Listener(Row* row, const RowWork& work)
      : row_(row),
        progress_(row->name, work.total),
        running_(static_cast<size_t>(work.workers), -1),
        traces_(running_.size()) {}

  // False: no need to go on, all workers are at or behind the first failure.
  bool OnLine(int worker, std::string_view line) {
    const size_t first = line.find(' '), second = line.find(' ', first + 1);
    const std::string_view verb = line.substr(0, first);
    const std::string_view a = line.substr(first + 1, second - first - 1);
    const std::string_view b = second == line.npos ? "" : line.substr(second + 1);
    if (verb == "add") row_->Add(b, ToNumber(a));
    if (verb == "done") progress_.Done(ToNumber(a));
    int64_t& running = running_[static_cast<size_t>(worker)];
    if (verb == "begin") running = static_cast<int64_t>(ToNumber(a));
    if (verb == "mark") {
      marks::counts[ToNumber(a)].fetch_add(ToNumber(b), std::memory_order_relaxed);
    }
    std::string& trace = traces_[static_cast<size_t>(worker)];
    if (verb == "trace") trace = line.substr(first + 1);
    if (verb == "failed") Add({static_cast<int64_t>(ToNumber(a)), worker, std::nullopt, trace});
    if (verb == "finding") Add({running, worker, *Unescape(a), ""});
    return !first_.has_value() || SomeoneIsBefore(*first_);
  }

  // The first failure: its worker told of it, or died in it.
  std::optional<Failure> FirstFailure(const std::vector<WorkerEnd>& ends) {
    for (size_t w = 0; w < ends.size(); ++w) {
      if (ends[w].ok || running_[w] < 0) continue;
      Add({running_[w], static_cast<int>(w), std::nullopt, traces_[w]});
    }
    return first_;
  }

  void Say(std::string_view text) const { progress_.Say(text); }

 private:
  // By the order of Failure::Before: a worker that is ended then died in nothing that came first.
  bool SomeoneIsBefore(const Failure& failure) const {
    const std::pair first(std::max<int64_t>(failure.index, 0), failure.worker);
    for (size_t w = 0; w < running_.size(); ++w) {
      if (std::pair(running_[w], static_cast<int>(w)) < first) return true;
    }
    return false;
  }

  void Add(Failure failure) {
    if (!first_.has_value() || failure.Before(*first_)) first_ = std::move(failure);
  }

  Row* const row_;
  Progress progress_;
  std::vector<int64_t> running_;     // of each worker, the index that it began last; -1: none
  std::vector<std::string> traces_;  // of each worker, as Reporter::Running told it
  std::optional<Failure> first_;
};

// The stages that this build replaced, as the head lines of a trace write them.
std::vector<std::string> MixStages() {
  std::vector<std::string> stages;
  for (const ReplacedStage& s : ReplacedStages()) stages.push_back(Escape(s.name + "=" + s.dir));
  return stages;
}

void TellStory(const VerifyOptions& options, const TraceRunner& how, Trace trace,
               const std::string& stem, Row* row) {
  row->verdict = RowVerdict::kFinding;
  trace.stages = MixStages();
  const TraceRunner run = [&how](const Trace& t, const RunOptions& o) {
    return RunTraceIsolated(t, o, how);
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
  TraceServer server(DB::Open, how);
  InvestigateOptions investigate;
  investigate.shrink_run = [&server](const Trace& t, const RunOptions& o) {
    return server.Run(t, o);
  };
  row->story = Investigate(trace, result, run, investigate);
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
void Reporter::Running(const Trace& trace) { emit_("trace " + OnOneLine(Print(trace))); }
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
    Listener listener(&row, work);
    const std::vector<WorkerEnd> ends = RunWorkers(
        work.workers, work.silence_ms,
        [&](int worker, const EmitLine& emit) {
          marks::ResetAll();
          Reporter reporter(emit);
          work.body(worker, &reporter);
          reporter.Marks();
        },
        [&](int worker, std::string_view line) { return listener.OnLine(worker, line); });
    const std::optional<Failure> failure = listener.FirstFailure(ends);
    if (failure.has_value() && failure->finding.has_value()) {
      row.verdict = RowVerdict::kFinding;
      row.note = *failure->finding;
    } else if (failure.has_value() && (work.trace || !failure->running.empty())) {
      const auto index = static_cast<uint64_t>(failure->index);
      if (ends[static_cast<size_t>(failure->worker)].silent) {
        listener.Say(fmt::format("trace {} gives no answer; shrinking ...", index));
      }
      Trace trace = work.trace ? work.trace(index) : *Parse(OnManyLines(failure->running));
      TellStory(options, work.run, std::move(trace), fmt::format("{}-{}", work.name, index), &row);
    }
    for (const WorkerEnd& end : ends) {
      if (end.ok || row.verdict == RowVerdict::kFinding) continue;
      row.verdict = RowVerdict::kFinding;
      const std::string broken =
          end.silent ? fmt::format("{}: ", PropertyText(Property::kP14)) : "";
      row.note = broken + end.how + (end.errors.empty() ? "" : ": " + end.errors);
      if (failure.has_value() && work.after_death) {
        row.note += work.after_death(static_cast<uint64_t>(failure->index));
      }
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
