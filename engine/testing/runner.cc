#include "testing/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "testing/history_judge.h"
#include "testing/oracle.h"
#include "testing/session.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

constexpr char kDbPath[] = "/db";
// Far above what a trace needs: more schedule points are a livelock (P14).
constexpr uint64_t kMaxSchedulePoints = 50'000'000;

class DiscardLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

// Hands events to the fault watch and to the caller's listener.
class Listeners final : public EventListener {
 public:
  Listeners(EventListener* first, EventListener* second) : first_(first), second_(second) {}
  void OnEvent(const Event& event) override {
    first_->OnEvent(event);
    if (second_ != nullptr) second_->OnEvent(event);
  }

 private:
  EventListener* const first_;
  EventListener* const second_;
};

sim::SimOptions SimOptionsOf(const Trace& trace, std::string* log) {
  sim::SimOptions options;
  options.seed = trace.seed;
  options.switch_per_1024 = trace.switch_per_1024;
  options.priority_depth = trace.priority_depth;
  options.priority_points = trace.priority_points;
  options.log = log;
  options.max_steps = kMaxSchedulePoints;
  return options;
}

std::unique_ptr<AnswerJudge> NewJudge(const Trace& trace) {
  if (trace.shared_keys) return std::make_unique<HistoryJudge>(trace);
  return std::make_unique<Oracle>(trace.clients);
}

class Runner {
 public:
  Runner(const Trace& trace, const RunOptions& run);

  RunResult Run();

 private:
  void OpenFirst();
  void OpenIfNeeded(Kind kind);
  void RunPhase(size_t begin, size_t end);
  void RunClient(size_t client, std::deque<size_t>* steps);
  void RunAlone(size_t step);
  void Begin(size_t step);
  void Finish(size_t step, std::string answer);

  void Arm(size_t step);
  void FireArmed();
  void CutInPlace();
  void BeforeIo(const sim::IoOperation& io);
  void Recover(size_t step);
  void Reboot(size_t step, const CrashImage& image);
  void JudgeRecovered(size_t step, AnswerJudge::End end);
  void Reopen(size_t step);
  std::string Resume(size_t step);
  void CheckIntegrity(size_t step);
  void AwaitErrors();
  void CheckSwallowed(size_t step);
  bool ReadAll(size_t step, Contents* contents);
  void JudgeLast();
  void CloseDb();
  void End();

  const Trace& trace_;
  World world_;
  DiscardLogger logger_;
  Listeners listeners_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::optional<size_t> armed_;  // the crash or kill that is still to come
  size_t now_ = 0;               // the step that runs, or begins
  std::string tree_;             // as last told
};

Runner::Runner(const Trace& trace, const RunOptions& run)
    : trace_(trace), world_(trace, run), listeners_(&world_.faults, run.listener) {
  world_.options.info_log = &logger_;
  world_.options.listener = &listeners_;
  for (size_t c = 0; c < trace.clients; ++c) {
    sessions_.push_back(std::make_unique<Session>(&world_, c));
  }
  world_.result.steps.resize(trace.operations.size());
  world_.env.OnIo([this](const sim::IoOperation& io) { BeforeIo(io); });
  world_.env.OnFault([this](const sim::IoOperation& io, const sim::Fault& fault) {
    world_.faults.OnFault(io, fault);
  });
}

RunResult Runner::Run() {
  if (!trace_.start_closed) OpenFirst();
  const std::vector<Operation>& operations = trace_.operations;
  while (now_ < operations.size() && !world_.failed()) {
    OpenIfNeeded(operations[now_].kind);
    if (world_.failed()) break;
    size_t end = now_;
    while (end < operations.size() && operations[end].client != Operation::kNoClient) ++end;
    if (end > now_) {
      RunPhase(now_, end);
      now_ = end;
    } else {
      RunAlone(now_);
      ++now_;
    }
  }
  now_ = operations.size();
  End();
  world_.result.io_count = world_.env.IoCount();
  world_.result.schedule_points = world_.env.Steps();
  return std::move(world_.result);
}

void Runner::OpenFirst() {
  auto db = world_.run.open(world_.options, kDbPath);
  if (!db.ok())
    return world_.Fail(Property::kP8, 0, "", "an open database", db.status().ToString());
  world_.db = std::move(*db);
  world_.result.io_of_open = world_.env.IoCount();
}

// `start closed`: what needs the database opens it. A crash or a fault can be armed before.
void Runner::OpenIfNeeded(Kind kind) {
  const bool arms = kind == Kind::kCrash || kind == Kind::kKill || kind == Kind::kFail;
  if (world_.db != nullptr || arms || kind == Kind::kReopen) return;
  Reopen(now_);
  if (world_.env.Crashed() && !world_.failed()) Recover(now_);
}

// Runs the client operations in [begin, end), over as many recoveries as there are crashes in it.
void Runner::RunPhase(size_t begin, size_t end) {
  std::vector<std::deque<size_t>> pending(trace_.clients);
  for (size_t step = begin; step < end; ++step) {
    pending[static_cast<size_t>(trace_.operations[step].client)].push_back(step);
  }
  const auto has_work = [](const std::deque<size_t>& steps) { return !steps.empty(); };
  while (!world_.failed() && std::any_of(pending.begin(), pending.end(), has_work)) {
    if (trace_.clients == 1) {
      RunClient(0, &pending[0]);
    } else {
      std::vector<std::unique_ptr<Thread>> tasks;
      for (size_t c = 0; c < pending.size(); ++c) {
        if (pending[c].empty()) continue;
        tasks.push_back(world_.env.StartThread(fmt::format("c{}", c),
                                               [this, c, &pending] { RunClient(c, &pending[c]); }));
      }
      tasks.clear();
    }
    if (world_.env.Crashed() && !world_.failed()) Recover(now_);
  }
}

void Runner::RunClient(size_t client, std::deque<size_t>* steps) {
  while (!steps->empty() && !world_.failed() && !world_.env.Crashed()) {
    const size_t step = steps->front();
    steps->pop_front();
    Begin(step);
    Finish(step, sessions_[client]->Do(trace_.operations[step], step));
  }
}

void Runner::RunAlone(size_t step) {
  Begin(step);
  const Operation& op = trace_.operations[step];
  std::string answer = "OK";
  switch (op.kind) {
    case Kind::kCrash:
    case Kind::kKill:
      Arm(step);
      break;
    case Kind::kFail:
      world_.faults.Arm(
          &world_.env,
          {{.nth = op.number}, op.code, sim::Effect::kFail, op.sticky ? sim::kForever : 1});
      break;
    case Kind::kReopen:
      Reopen(step);
      break;
    case Kind::kResume:
      answer = Resume(step);
      break;
    case Kind::kIntegrity:
      if (!world_.Excused()) CheckIntegrity(step);
      break;
    default:
      answer = sessions_[0]->Do(op, step);
  }
  Finish(step, std::move(answer));
  if (world_.env.Crashed() && !world_.failed()) Recover(step);
}

void Runner::Begin(size_t step) {
  now_ = step;
  if (world_.run.progress != nullptr) *world_.run.progress = step;
}

void Runner::Finish(size_t step, std::string answer) {
  ++world_.result.operations;
  StepReport& report = world_.result.steps[step];
  report.io = world_.env.IoCount();
  report.answer = std::move(answer);
  const auto& tell = world_.run.transcript;
  if (!tell) return;
  tell(fmt::format("{:>4}  {} -> {}", step + 1, Print(trace_.operations[step]), report.answer));
  std::string tree;
  if (world_.db == nullptr || !world_.db->GetProperty("lsm.levels", &tree) || tree == tree_) return;
  tell(tree);
  tree_ = std::move(tree);
}

// --- Crashes ---

void Runner::Arm(size_t step) {
  FireArmed();
  if (world_.failed()) return;
  armed_ = step;
  const uint64_t io = trace_.operations[step].cuts[0].io;
  if (io == 0) {
    CutInPlace();
  } else {
    world_.env.CrashAt({.nth = io});
  }
}

void Runner::FireArmed() {
  if (!armed_.has_value() || world_.failed()) return;
  CutInPlace();
  Recover(now_);
}

void Runner::CutInPlace() {
  BeforeIo({world_.env.IoCount(), sim::IoKind::kAny, "power cut", ""});
  world_.env.CrashNow();
}

void Runner::BeforeIo(const sim::IoOperation& io) {
  if (world_.run.report_dirty) {
    const std::string file = io.path.substr(io.path.rfind('/') + 1);
    world_.result.dirty.push_back({io.index, file.empty() ? io.what : io.what + " " + file,
                                   world_.env.DirtyFiles(), world_.env.DirtyDirs()});
  }
  if (world_.run.on_io) world_.run.on_io(&world_.env, io);
}

// The power is off: on again, once for each cut of the operation, until the database is open.
void Runner::Recover(size_t step) {
  const Operation& op = trace_.operations[*armed_];
  const bool killed = op.kind == Kind::kKill;
  world_.faults.Repair(&world_.env);
  CloseDb();
  world_.faults.Reset();
  for (size_t i = 0; i < op.cuts.size(); ++i) {
    const CrashImage all{CrashImage::Kind::kAll};
    Reboot(*armed_, killed ? all : op.cuts[i].image);
    if (i + 1 < op.cuts.size()) {
      world_.env.CrashAt({.nth = std::max<uint64_t>(op.cuts[i + 1].io, 1)});
    }
    auto db = world_.run.open(world_.options, kDbPath);
    if (db.ok()) world_.db = std::move(*db);
    if (world_.env.Crashed()) {
      world_.db.reset();
      continue;
    }
    world_.env.CancelCrash();
    if (!db.ok()) world_.Fail(Property::kP8, step, "", "an open database", db.status().ToString());
    break;
  }
  armed_.reset();
  if (world_.failed()) return;
  JudgeRecovered(step, killed ? AnswerJudge::End::kKilled : AnswerJudge::End::kPowerCut);
}

void Runner::Reboot(size_t step, const CrashImage& image) {
  const std::vector<sim::UnsyncedUnit> units = world_.env.Unsynced();
  const std::vector<bool> keep = world_.run.image && image.kind != CrashImage::Kind::kAll
                                     ? world_.run.image(units)
                                     : image.Keep(units.size());
  CutReport report{step, world_.env.IoCount(), {}, {}};
  for (size_t i = 0; i < units.size(); ++i) {
    (keep[i] ? report.kept : report.lost).push_back(units[i].ToString());
  }
  world_.result.cuts.push_back(std::move(report));
  world_.env.Restart(sim::ImageOf(keep));
  ++world_.result.crash_states;
}

void Runner::JudgeRecovered(size_t step, AnswerJudge::End end) {
  Contents first, second;
  if (!ReadAll(step, &first)) return;
  ++world_.result.checks;
  world_.Judge(world_.judge->JudgeRecovery(first, end), step);
  if (world_.failed()) return;
  CheckIntegrity(step);
  Status closed = world_.db->Close();
  if (!world_.Expect(closed, step)) return;
  world_.db.reset();
  auto db = world_.run.open(world_.options, kDbPath);
  if (!db.ok()) {
    return world_.Fail(Property::kP5, step, "", "an open database", db.status().ToString());
  }
  world_.db = std::move(*db);
  if (!ReadAll(step, &second)) return;
  Verdict verdict = world_.judge->JudgeRecovery(second, AnswerJudge::End::kKilled);
  verdict.property = Property::kP5;
  world_.Judge(verdict, step);
}

// --- Between phases ---

// An armed crash may strike anywhere in it; what opened then must not be used. Errors end with it,
// but not with the first open, unless they struck there.
void Runner::Reopen(size_t step) {
  const bool was_open = world_.db != nullptr;
  if (was_open) {
    AwaitErrors();
    for (const auto& session : sessions_) session->CloseAll();
    world_.Expect(world_.db->Close(), step);
    world_.db.reset();
  }
  auto db = world_.run.open(world_.options, kDbPath);
  const bool errors_end = was_open || world_.faults.active();
  if (errors_end && !world_.env.Crashed()) world_.faults.Repair(&world_.env);
  if (!db.ok() && world_.faults.active()) {
    world_.faults.OnError();
    db = world_.run.open(world_.options, kDbPath);
  }
  if (world_.env.Crashed()) return;
  if (!db.ok())
    return world_.Fail(Property::kP8, step, "", "an open database", db.status().ToString());
  world_.db = std::move(*db);
  if (errors_end) {
    CheckSwallowed(step);
    world_.faults.Reset();
  }
  Contents contents;
  if (!ReadAll(step, &contents)) return;
  ++world_.result.checks;
  world_.Judge(world_.judge->JudgeRecovery(contents, AnswerJudge::End::kKilled), step);
}

std::string Runner::Resume(size_t step) {
  AwaitErrors();
  const bool was_stopped = world_.faults.active();
  world_.faults.Repair(&world_.env);
  const std::vector<size_t> returned = world_.judge->Returned();
  const Status status = world_.db->Resume();
  if (!status.ok() && !world_.env.Crashed()) {
    world_.Fail(Property::kP14, step, "", "OK: the machine works again", status.ToString());
    return status.ToString();
  }
  CheckSwallowed(step);
  if (status.ok() && was_stopped) world_.judge->MarkDurable(returned);
  world_.faults.Reset();
  return status.ToString();
}

void Runner::CheckIntegrity(size_t step) {
  std::vector<std::string> findings;
  const Status status = world_.db->CheckIntegrity(&findings);
  if (status.ok() && findings.empty()) return;
  if (world_.Excused()) return;
  world_.Fail(Property::kP13, step, "", "no finding",
              findings.empty() ? status.ToString() : fmt::format("{}", fmt::join(findings, "; ")));
}

// A background job that was hit may still be on its way to say so; and one that a close gives up
// need not say it.
void Runner::AwaitErrors() {
  if (!world_.faults.armed() && !world_.faults.active()) return;
  if (!world_.db->WaitForBackgroundWork().ok()) world_.faults.OnError();
}

void Runner::CheckSwallowed(size_t step) {
  const auto swallowed = world_.faults.Swallowed();
  if (!swallowed.has_value() || world_.env.Crashed()) return;
  world_.Fail(Property::kP9, step, "",
              "an error of some operation after '" + *swallowed + "' failed",
              "every operation succeeded");
}

bool Runner::ReadAll(size_t step, Contents* contents) {
  const auto iterator = world_.db->NewIterator({});
  for (auto& entry : WalkForward(iterator.get())) contents->insert(std::move(entry));
  return world_.Expect(iterator->status(), step);
}

// The history since the last recovery, with what is there now.
void Runner::JudgeLast() {
  world_.judge->BeginStep(0, now_);
  AnswerJudge::View view = world_.judge->BeginView(0);
  Contents contents;
  if (!ReadAll(now_, &contents)) return;
  world_.judge->EndView(&view);
  world_.Judge(world_.judge->Check(&view, KeyRange(), contents, Property::kP15), now_);
  world_.Judge(world_.judge->JudgeRecovery(contents, AnswerJudge::End::kKilled), now_);
}

void Runner::CloseDb() {
  for (const auto& session : sessions_) session->CloseAll();
  world_.db.reset();
}

// What is armed still happens; then everything is in order and can be closed.
void Runner::End() {
  FireArmed();
  if (world_.db != nullptr && !world_.failed()) {
    world_.faults.Repair(&world_.env);
    const Status status = world_.db->WaitForBackgroundWork();
    world_.Expect(status, now_);
    if (!world_.faults.active()) CheckIntegrity(now_);
    if (trace_.shared_keys) JudgeLast();
    for (const auto& session : sessions_) session->CloseAll();
    world_.Expect(world_.db->Close(), now_);
    CheckSwallowed(now_);
  }
  CloseDb();
}

}  // namespace

World::World(const Trace& trace_in, const RunOptions& run_options)
    : trace(trace_in),
      run(run_options),
      env(SimOptionsOf(trace_in, run_options.keep_log ? &result.log : nullptr)),
      options(OptionsOf(trace_in)),
      judge(NewJudge(trace_in)) {
  options.env = &env;
}

void World::Fail(Property property, size_t step, std::string key, std::string expected,
                 std::string actual) {
  if (failed()) return;
  result.ok = false;
  result.property = property;
  result.step = step;
  result.key = std::move(key);
  result.expected = std::move(expected);
  result.actual = std::move(actual);
}

void World::Judge(const Verdict& verdict, size_t step) {
  ++result.checks;
  result.undecided += verdict.undecided ? 1 : 0;
  if (verdict.ok) return;
  Fail(verdict.property, verdict.step.value_or(step), verdict.key, verdict.expected,
       verdict.actual);
}

bool World::Expect(const Status& status, size_t step) {
  if (status.ok()) return true;
  faults.OnError();
  if (!Excused()) Fail(Property::kP0, step, "", "OK", status.ToString());
  return false;
}

RunResult RunTrace(const Trace& trace, const RunOptions& options) {
  return Runner(trace, options).Run();
}

}  // namespace lsm::lab
