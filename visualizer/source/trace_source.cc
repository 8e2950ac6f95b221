#include "source/trace_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/escape.h"
#include "testing/runner.h"

namespace lsm::viz {
namespace {

// Events and finished operations of a run become moments. The tasks of a simulated world take
// turns, so nothing here needs a lock.
class Recorder final : public EventListener {
 public:
  explicit Recorder(History* history) : history_(history) {}

  void OnEvent(const Event& event) override { history_->Append({Step(), event, ""}); }
  void OnLine(const std::string& line) {
    const size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line.compare(begin, 6, "tree  ") == 0) return;
    history_->Append({Step(), std::nullopt, "Step " + line.substr(begin)});
  }

  std::atomic<uint64_t> running{~uint64_t{0}};  // index of the operation; none yet

 private:
  // Of several clients the latest: steps never go back.
  uint64_t Step() { return last_ = std::max(last_, running + 1); }

  History* const history_;
  uint64_t last_ = 0;
};

// Behind the answer of an operation, and behind the recovery if it has led to one; not behind the
// closing of the database, which belongs to the last operation, too.
size_t EndOf(const History& history, size_t step) {
  size_t end = 0;
  for (size_t i = 0; i < history.size(); ++i) {
    const Moment& m = history.moments()[i];
    if (m.step > step) break;
    const bool recovery = m.event && (std::holds_alternative<event::RecoveryStep>(*m.event) ||
                                      std::holds_alternative<event::Opened>(*m.event));
    if (!m.event || recovery) end = i + 1;
  }
  return end == 0 ? history.size() : end;
}

lab::Operation OperationOf(const std::string& text) {
  auto trace = lab::Parse("lsmlab-trace 1\n" + text + "\n");
  return trace.ok() ? trace->operations.at(0) : lab::Operation();
}

}  // namespace

TraceSource::TraceSource(lab::Trace trace, std::string name) : trace_(std::move(trace)) {
  about_.source = std::move(name);
  Run();
}

void TraceSource::Run() {
  history_ = History();
  const std::string name = about_.source;
  about_ = About();
  about_.source = name;
  const Options options = lab::OptionsOf(trace_);
  about_.memtable_bytes = options.memtable_bytes;
  about_.l0_trigger = options.l0_compaction_trigger;
  about_.l0_stop = options.l0_stop_trigger;
  if (options.policy == CompactionPolicy::kLeveled) {
    about_.level1_bytes = options.level1_bytes;
    about_.size_ratio = options.size_ratio;
  }
  Recorder recorder(&history_);
  lab::RunOptions run;
  run.listener = &recorder;
  run.progress = &recorder.running;
  run.transcript = [&recorder](const std::string& line) { recorder.OnLine(line); };
  const lab::RunResult result = lab::RunTrace(trace_, run);
  for (const lab::Operation& op : trace_.operations) about_.operations.push_back(Print(op));
  for (const lab::StepReport& step : result.steps) about_.answers.push_back(step.answer);
  if (!result.excused.empty()) about_.problem = result.excused;
  if (!result.cuts.empty()) about_.lost = result.cuts.back().Lost();
  history_.Seek(history_.size());
  if (result.ok) return;
  about_.failed = true;
  about_.failed_step = result.step + 1;
  about_.property = std::string(PropertyText(result.property));
  if (!result.key.empty()) about_.key = Escape(result.key);
  about_.expected = result.expected;
  about_.actual = result.actual;
  about_.divergence = EndOf(history_, about_.failed_step);
  history_.Seek(about_.divergence);
}

Status TraceSource::Do(const std::string& text) {
  const std::string head = fmt::format("lsmlab-trace 1\nclients {}\n", trace_.clients);
  auto parsed = lab::Parse(head + text + "\n");
  if (!parsed.ok()) parsed = lab::Parse(head + "c0 " + text + "\n");
  if (!parsed.ok() || parsed->operations.empty()) {
    return Status::InvalidArgument(fmt::format("no operation: {} (docs/formats/trace.md)", text));
  }
  const Moment* const now = history_.now();
  const size_t keep = now == nullptr ? 0 : std::min<size_t>(now->step, trace_.operations.size());
  trace_.operations.resize(keep);
  trace_.operations.push_back(parsed->operations.at(0));
  trace_.expect.clear();
  Run();
  if (!about_.failed) history_.Seek(EndOf(history_, trace_.operations.size()));
  return Status::Ok();
}

lab::Trace DemoTrace() {
  lab::Trace trace;
  trace.options = {
      {"memtable_bytes", "6144"},      {"max_file_bytes", "4096"}, {"block_bytes", "256"},
      {"level1_bytes", "16384"},       {"size_ratio", "3"},        {"compression", "none"},
      {"max_immutable_memtables", "4"}};
  trace.switch_per_1024 = 24;  // background work goes on beside the writes
  uint64_t random = 12;
  const auto draw = [&random](uint64_t n) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    return (random >> 33) % n;
  };
  constexpr int kOperations = 400, kCrashAt = 300;
  for (int i = 0; i < kOperations; ++i) {
    // One half of the operations goes to a tenth of the keys.
    const uint64_t key = draw(2) == 0 ? draw(8) : draw(80);
    const std::string name = fmt::format("item{:02}", key);
    const uint64_t dice = draw(10);
    std::string text;
    if (i == kCrashAt) {
      text = "crash at=0 keep=none";
    } else if (dice < 7) {
      text =
          fmt::format("c0 put {} @{}:{}{}", name, 100 + draw(400), i, i % 16 == 0 ? " sync" : "");
    } else {
      text = fmt::format("c0 {} {}", dice == 7 ? "delete" : "get", name);
    }
    trace.operations.push_back(OperationOf(text));
  }
  return trace;
}

}  // namespace lsm::viz
