// While no client runs: reopening, resuming, damage, the checks of a database at rest.
#include "testing/trace_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "lsm/options_text.h"
#include "testing/bounds.h"
#include "testing/damage.h"

namespace lsm::lab {
namespace {

// What one write of each client takes in a memtable, at most.
size_t LargestGroup(const Trace& trace) {
  constexpr size_t kUpdateBytes = 256;  // of an update beside key and value: the node of a list
  size_t largest = 0;
  for (const Operation& op : trace.operations) {
    size_t bytes = 0;
    for (const Update& update : op.updates) {
      bytes += kUpdateBytes + update.key.size() + update.value.value_or("").size();
    }
    largest = std::max(largest, bytes);
  }
  return trace.clients * largest;
}

}  // namespace

// An armed crash may strike anywhere in it; what opened then must not be used. Errors end with it,
// but not with the first open, unless they struck there.
void TraceRun::Reopen(size_t step) {
  const bool was_open = world_.db != nullptr;
  if (was_open) {
    AwaitErrors();
    for (const auto& session : sessions_) session->CloseAll();
    const std::vector<size_t> returned = world_.judge->Returned();
    world_.BeginCall();
    if (world_.Expect(world_.db->Close(), step)) world_.judge->MarkDurable(returned);
    world_.EndCall(step);
    world_.db.reset();
  }
  DoDamage();
  ChangeOptions(step);
  auto db = Open();
  const bool errors_end = was_open || world_.faults.active();
  if (errors_end && !world_.env.Crashed()) world_.faults.Repair();
  if (!db.ok() && world_.faults.active()) {
    CheckSwallowed(step);
    world_.faults.Reset();
    db = Open();
  }
  if (world_.env.Crashed()) return;
  if (!db.ok()) return FailOpen(Property::kP8, step, db.status());
  world_.db = std::move(*db);
  if (errors_end) {
    // The work that the open began may have been struck before the machine worked again.
    AwaitErrors();
    if (world_.faults.active()) world_.Expect(world_.db->Resume(), step);
    CheckSwallowed(step);
    world_.faults.Reset();
  }
  const AnswerJudge::End end = world_.faults.End();
  Contents contents;
  if (!ReadAll(step, &contents)) {
    // What the log lost is unknown, and cannot be read: nothing behind it can be judged.
    if (end == AnswerJudge::End::kDamaged) {
      FailOpen(Property::kP8, step, Status::Corruption("a log and a table are damaged"));
    }
    return;
  }
  ++world_.result.checks;
  world_.Judge(world_.judge->JudgeRecovery(contents, end), step);
  world_.numbers.OnEnd(end);
  if (!world_.failed()) CheckSequence(step, true);
  world_.faults.OnRecovered();
}

void TraceRun::FailOpen(Property property, size_t step, const Status& status) {
  world_.Fail(property, step, "", "an open database", status.ToString(), true);
}

// What was damaged while the database was closed; judged together, for one damage may hit the proof
// of another.
void TraceRun::DoDamage() {
  if (damages_.empty()) return;
  const Files before = ReadFiles(&world_.env, kDbPath);
  bool any = false;
  for (const size_t step : std::exchange(damages_, {})) {
    if (ApplyDamage(&world_.env, kDbPath, trace_.operations[step].damage)) {
      any = true;
    } else {
      NoteUnreached(step, "there is no such byte");
    }
  }
  if (any) world_.faults.OnDamage(ClassOfDamage(before, ReadFiles(&world_.env, kDbPath)));
}

void TraceRun::ChangeOptions(size_t step) {
  if (step >= trace_.operations.size()) return;
  for (const auto& [name, value] : trace_.operations[step].options) {
    LSM_CHECK(SetOption(name, value, &world_.options).ok());
  }
}

std::string TraceRun::Resume(size_t step) {
  AwaitErrors();
  const bool was_stopped = world_.faults.stopped();
  world_.faults.Repair();
  const std::vector<size_t> returned = world_.judge->Returned();
  const Status status = world_.db->Resume();
  if (!status.ok() && !world_.env.Crashed()) {
    world_.Fail(Property::kP14, step, "", "OK: the machine works again", status.ToString());
    return status.ToString();
  }
  CheckSwallowed(step);
  if (status.ok()) world_.judge->MarkGone(returned);
  if (status.ok() && was_stopped) world_.judge->MarkDurable(returned);
  world_.faults.Reset();
  return status.ToString();
}

void TraceRun::CheckIntegrity(size_t step) {
  std::vector<std::string> findings;
  const Status status = world_.db->CheckIntegrity(&findings);
  if (status.ok() && findings.empty()) return;
  world_.faults.OnError();
  if (world_.faults.MayFail()) return;
  world_.Fail(Property::kP13, step, "", "no finding",
              findings.empty() ? status.ToString() : fmt::format("{}", fmt::join(findings, "; ")),
              true);
}

// A background job that was hit may still be on its way to say so; and one that a close gives up
// need not say it.
void TraceRun::AwaitErrors() {
  if (!world_.faults.armed() && !world_.faults.active()) return;
  if (!world_.db->WaitForBackgroundWork().ok()) world_.faults.OnError();
}

void TraceRun::CheckSwallowed(size_t step) { world_.ExpectTold(world_.faults.Swallowed(), step); }

// Behind an operation: P7 where it made everything durable, P14 where it waited for all work.
// `alone`: no other client is at work.
void TraceRun::CheckRest(size_t step, bool alone) {
  const Operation& op = trace_.operations[step];
  if (world_.db == nullptr || world_.failed() || world_.faults.MayFail() ||
      world_.result.steps[step].answer != "OK") {
    return;
  }
  const bool syncs = op.kind == Kind::kFlush || op.kind == Kind::kSyncWal || op.sync;
  const bool lasts = world_.faults.PromiseOf(Property::kP1) == Promise::kPromised;
  if (syncs) CheckSequence(step, alone && lasts);
  if (alone && op.kind == Kind::kWait) CheckBounds(step);
}

void TraceRun::CheckSequence(size_t step, bool durable) {
  const uint64_t least = world_.numbers.least();
  const Snapshot* snapshot = world_.db->GetSnapshot();
  world_.Judge(world_.numbers.OnSequence(least, snapshot->sequence(), durable), step);
  world_.db->ReleaseSnapshot(snapshot);
}

void TraceRun::CheckBounds(size_t step) {
  const bool iterates = std::any_of(sessions_.begin(), sessions_.end(),
                                    [](const auto& session) { return session->HasIterators(); });
  if (iterates || world_.faults.armed() || world_.faults.MayFail()) return;
  world_.Judge(
      lab::CheckBounds(&world_.env, world_.db.get(), world_.options, kDbPath, LargestGroup(trace_)),
      step);
}

bool TraceRun::ReadAll(size_t step, Contents* contents) {
  const auto iterator = world_.db->NewIterator({});
  for (auto& entry : WalkForward(iterator.get())) contents->insert(std::move(entry));
  return world_.Expect(iterator->status(), step);
}

// The history since the last recovery, with what is there now.
void TraceRun::JudgeLast() {
  world_.judge->BeginStep(0, now_);
  AnswerJudge::View view = world_.judge->BeginView(0);
  Contents contents;
  if (!ReadAll(now_, &contents)) return;
  world_.judge->EndView(&view);
  world_.Judge(world_.judge->Check(&view, KeyRange(), contents, Property::kP15), now_);
  world_.Judge(world_.judge->JudgeRecovery(contents, AnswerJudge::End::kKilled), now_);
}

void TraceRun::CloseDb() {
  for (const auto& session : sessions_) session->CloseAll();
  world_.db.reset();
}

// What is armed still happens; then everything is in order and can be closed.
void TraceRun::End() {
  FireArmed();
  if (world_.db != nullptr && !world_.failed()) {
    world_.faults.Repair();
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
void TraceRun::NoteIdleSteps() {
  for (size_t step = 0; step < trace_.operations.size(); ++step) {
    const std::string& answer = world_.result.steps[step].answer;
    if (answer.starts_with("nothing: ")) NoteUnreached(step, answer.substr(9));
  }
}

}  // namespace lsm::lab
