#include "testing/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "base/check.h"
#include "testing/bounds.h"
#include "testing/damage.h"
#include "testing/digest.h"
#include "testing/history_judge.h"
#include "testing/options_text.h"
#include "testing/oracle.h"
#include "testing/session.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

size_t LargestWrite(const Trace& trace) {
  size_t largest = 0;
  for (const Operation& op : trace.operations) {
    size_t bytes = 0;
    for (const Update& u : op.updates) bytes += u.key.size() + u.value.value_or("").size();
    largest = std::max(largest, bytes);
  }
  return largest;
}

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

class Runner {
 public:
  Runner(const Trace& trace, const RunOptions& run);

  RunResult Run();

 private:
  Result<std::unique_ptr<DB>> Open();
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
  void ArmCut(const sim::IoAddress& at);
  void NoteCut(size_t cut);
  void NoteUnreached(size_t step, std::string_view what);
  void NoteIdleSteps();
  bool IsKnown();
  void Reboot(size_t step, bool killed, const CrashImage& wanted);
  void FailOpen(Property property, size_t step, const Status& status);
  void DoDamage();
  void JudgeRecovered(size_t step, AnswerJudge::End end);
  void Reopen(size_t step);
  void ChangeOptions(size_t step);
  std::string Resume(size_t step);
  void CheckIntegrity(size_t step);
  void CheckRest(size_t step, bool alone);
  void CheckSequence(size_t step, bool durable);
  void CheckBounds(size_t step);
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
  IoNames::Counts cut_from_;     // where its address is counted from
  bool in_place_ = false;        // it came without one
  std::vector<size_t> damages_;  // steps; done when the database is next opened
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
  world_.env.OnIo([this](const sim::IoOperation& io) {
    world_.names.OnIo(io);
    const Verdict numbers = world_.numbers.OnIo(io);
    if (!numbers.ok) world_.Judge(numbers, now_);
    BeforeIo(io);
  });
  world_.env.OnFault([this](const sim::IoOperation& io, const sim::Fault& fault) {
    world_.numbers.OnFault(io);
    world_.faults.OnFault(world_.env, io, fault, world_.names);
  });
}

RunResult Runner::Run() {
  if (!trace_.start_closed) OpenFirst();
  const std::vector<Operation>& operations = trace_.operations;
  while (now_ < operations.size() && !world_.over()) {
    OpenIfNeeded(operations[now_].kind);
    if (world_.over()) break;
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

Result<std::unique_ptr<DB>> Runner::Open() {
  world_.numbers.OnOpen(&world_.env);
  return world_.run.open(world_.options, kDbPath);
}

void Runner::OpenFirst() {
  auto db = Open();
  if (!db.ok())
    return world_.Fail(Property::kP8, 0, "", "an open database", db.status().ToString());
  world_.db = std::move(*db);
  world_.result.io_of_open = world_.env.IoCount();
  CheckSequence(0, true);
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
  while (!world_.over() && std::any_of(pending.begin(), pending.end(), has_work)) {
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
    CheckRest(step, trace_.clients == 1);
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
      world_.faults.Arm(&world_.env, step, op.fault, world_.names);
      break;
    case Kind::kDamage:
      damages_.push_back(step);
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
  CheckRest(step, true);
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
  if (world_.over()) return;
  armed_ = step;
  const sim::IoAddress& at = trace_.operations[step].cuts[0].at;
  if (at.nth == 0) {
    CutInPlace();
  } else {
    ArmCut(at);
  }
}

void Runner::ArmCut(const sim::IoAddress& at) {
  cut_from_ = world_.names.Here();
  world_.env.CrashAt(at);
}

// An address was reached, in cut `cut` of the armed crash.
void Runner::NoteCut(size_t cut) {
  const sim::IoAddress& at = trace_.operations[*armed_].cuts[cut].at;
  const bool is_named = at.io != sim::IoKind::kAny || at.file != sim::FileRole::kAny;
  world_.result.strikes.push_back(
      {*armed_, cut, is_named ? at : world_.names.NewestSince(cut_from_)});
}

void Runner::NoteUnreached(size_t step, std::string_view what) {
  world_.result.stale.push_back(
      fmt::format("step {}: {}: {}", step + 1, Print(trace_.operations[step]), what));
}

void Runner::FireArmed() {
  if (!armed_.has_value() || world_.failed()) return;
  NoteUnreached(*armed_, "the address was not reached");
  CutInPlace();
  Recover(now_);
}

void Runner::CutInPlace() {
  BeforeIo({world_.env.IoCount(), sim::IoKind::kAny, "power cut", ""});
  world_.env.CrashNow();
  in_place_ = true;
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
  if (!std::exchange(in_place_, false)) NoteCut(0);
  for (size_t i = 0; i < op.cuts.size(); ++i) {
    if (i > 0) NoteCut(i);
    Reboot(*armed_, killed, op.cuts[i].image);
    if (i + 1 == op.cuts.size() && IsKnown()) return armed_.reset();
    if (i + 1 < op.cuts.size()) {
      sim::IoAddress at = op.cuts[i + 1].at;
      at.nth = std::max<uint64_t>(at.nth, 1);
      ArmCut(at);
    }
    auto db = Open();
    if (db.ok()) world_.db = std::move(*db);
    if (world_.env.Crashed()) {
      world_.db.reset();
      continue;
    }
    world_.env.CancelCrash();
    if (!db.ok()) FailOpen(Property::kP8, step, db.status());
    if (i + 1 < op.cuts.size()) NoteUnreached(*armed_, "a second address was not reached");
    break;
  }
  armed_.reset();
  if (world_.failed()) return;
  JudgeRecovered(step, killed ? AnswerJudge::End::kKilled : AnswerJudge::End::kPowerCut);
  world_.faults.OnRecovered();
}

bool Runner::IsKnown() {
  const std::optional<uint64_t> knowledge = world_.judge->Knowledge();
  if (!world_.run.is_new || !knowledge.has_value()) return false;
  Digest digest;
  digest.Add(*knowledge);
  digest.Add(world_.numbers.least());
  digest.Add(world_.numbers.durable());
  AddDisk(&world_.env, &digest);
  world_.result.known = !world_.run.is_new(digest.value());
  return world_.result.known;
}

void Runner::Reboot(size_t step, bool killed, const CrashImage& wanted) {
  using FateKind = sim::Fate::Kind;
  const std::vector<sim::UnsyncedUnit> units = world_.env.Unsynced();
  sim::Image image = world_.run.image ? world_.run.image(units) : wanted.Of(units);
  if (killed) image.assign(units.size(), sim::Fate(true));
  for (const sim::Fate& fate : image) {
    world_.torn_rename = world_.torn_rename || fate.kind == FateKind::kBoth ||
                         fate.kind == FateKind::kNeither || fate.kind == FateKind::kGone;
  }
  CutReport report{step, world_.env.IoCount(), {}, image};
  for (const sim::UnsyncedUnit& unit : units) report.units.push_back(unit.ToString());
  world_.result.cuts.push_back(std::move(report));
  killed ? world_.env.RestartProcess() : world_.env.Restart(image);
  ++world_.result.crash_states;
}

void Runner::JudgeRecovered(size_t step, AnswerJudge::End end) {
  Contents first, second;
  if (!ReadAll(step, &first)) return;
  ++world_.result.checks;
  world_.Judge(world_.judge->JudgeRecovery(first, end), step);
  if (world_.failed()) return;
  world_.numbers.OnEnd(end);
  CheckSequence(step, true);
  CheckIntegrity(step);
  Status closed = world_.db->Close();
  if (!world_.Expect(closed, step)) return;
  world_.db.reset();
  auto db = Open();
  if (!db.ok()) {
    return FailOpen(Property::kP5, step, db.status());
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
  DoDamage();
  ChangeOptions(step);
  auto db = Open();
  const bool errors_end = was_open || world_.faults.active();
  if (errors_end && !world_.env.Crashed()) world_.faults.Repair(&world_.env);
  if (!db.ok() && world_.faults.active()) {
    world_.faults.OnError();
    db = Open();
  }
  if (world_.env.Crashed()) return;
  if (!db.ok()) return FailOpen(Property::kP8, step, db.status());
  world_.db = std::move(*db);
  if (errors_end) {
    CheckSwallowed(step);
    world_.faults.Reset();
  }
  Contents contents;
  if (!ReadAll(step, &contents)) return;
  ++world_.result.checks;
  const bool tail_damage = world_.damage == FaultClass::kTailDamage;
  const AnswerJudge::End end = tail_damage ? AnswerJudge::End::kDamaged : AnswerJudge::End::kKilled;
  world_.Judge(world_.judge->JudgeRecovery(contents, end), step);
  world_.numbers.OnEnd(end);
  if (!world_.failed()) CheckSequence(step, true);
  world_.faults.OnRecovered();
}

void Runner::FailOpen(Property property, size_t step, const Status& status) {
  world_.Fail(property, step, "", "an open database", status.ToString(), true);
}

// What was damaged while the database was closed. Nothing tells damage of a log or of a manifest
// from a torn tail, as a trace does not know how much evidence stands behind it.
void Runner::DoDamage() {
  for (const size_t step : std::exchange(damages_, {})) {
    const FileDamage& damage = trace_.operations[step].damage;
    if (!ApplyDamage(&world_.env, kDbPath, damage)) {
      NoteUnreached(step, "there is no such byte");
    } else if (damage.file != sim::FileRole::kTable) {
      world_.damage = FaultClass::kTailDamage;
    } else if (!world_.damage.has_value()) {
      world_.damage = FaultClass::kDamage;
    }
  }
}

void Runner::ChangeOptions(size_t step) {
  if (step >= trace_.operations.size()) return;
  for (const auto& [name, value] : trace_.operations[step].options) {
    LSM_CHECK(SetOption(name, value, &world_.options).ok());
  }
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
              findings.empty() ? status.ToString() : fmt::format("{}", fmt::join(findings, "; ")),
              true);
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

// Behind an operation: P7 where it made everything durable, P14 where it waited for all work.
// `alone`: no other client is at work.
void Runner::CheckRest(size_t step, bool alone) {
  const Operation& op = trace_.operations[step];
  if (world_.db == nullptr || world_.failed() || world_.Excused() || world_.faults.late() ||
      world_.result.steps[step].answer != "OK") {
    return;
  }
  const bool syncs = op.kind == Kind::kFlush || op.kind == Kind::kSyncWal || op.sync;
  if (syncs) CheckSequence(step, alone);
  if (alone && op.kind == Kind::kWait) CheckBounds(step);
}

void Runner::CheckSequence(size_t step, bool durable) {
  const uint64_t least = world_.numbers.least();
  const Snapshot* snapshot = world_.db->GetSnapshot();
  world_.Judge(world_.numbers.OnSequence(least, snapshot->sequence(), durable), step);
  world_.db->ReleaseSnapshot(snapshot);
}

void Runner::CheckBounds(size_t step) {
  const bool iterates = std::any_of(sessions_.begin(), sessions_.end(),
                                    [](const auto& session) { return session->HasIterators(); });
  if (iterates || world_.faults.armed() || world_.Excused()) return;
  world_.Judge(
      lab::CheckBounds(&world_.env, world_.db.get(), world_.options, kDbPath, LargestWrite(trace_)),
      step);
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
    if (status.ok()) CheckBounds(now_);
    if (trace_.shared_keys) JudgeLast();
    for (const auto& session : sessions_) session->CloseAll();
    world_.Expect(world_.db->Close(), now_);
    CheckSwallowed(now_);
  }
  CloseDb();
  if (const auto open = world_.env.OpenHandles(); !open.empty()) {
    world_.Fail(Property::kP14, now_, "", "nothing open behind the end", open.front());
  }
  for (const FaultWatch::Armed& fault : world_.faults.all()) {
    if (fault.struck.has_value()) {
      world_.result.strikes.push_back({fault.step, 0, *fault.struck});
    } else {
      NoteUnreached(fault.step, "the address was not reached");
    }
  }
  for (const size_t step : damages_) NoteUnreached(step, "the database was not opened behind it");
  NoteIdleSteps();
  // What broke off shows why by itself.
  if (world_.failed()) world_.result.stale.clear();
}

// Operations that named a snapshot or an iterator that was not open.
void Runner::NoteIdleSteps() {
  for (size_t step = 0; step < trace_.operations.size(); ++step) {
    const std::string& answer = world_.result.steps[step].answer;
    if (answer.starts_with("nothing: ")) NoteUnreached(step, answer.substr(9));
  }
}

}  // namespace

RunResult RunTrace(const Trace& trace, const RunOptions& options) {
  return Runner(trace, options).Run();
}

}  // namespace lsm::lab
