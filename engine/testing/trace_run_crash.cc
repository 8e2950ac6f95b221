// Power cuts and recoveries.
#include "testing/trace_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "testing/digest.h"

namespace lsm::lab {

void TraceRun::Arm(size_t step) {
  FireArmed();
  if (world_.failed()) return;
  armed_ = step;
  const sim::IoAddress& at = trace_.operations[step].cuts[0].at;
  if (at.nth == 0) {
    CutInPlace();
  } else {
    ArmCut(at);
  }
}

void TraceRun::ArmCut(const sim::IoAddress& at) {
  cut_from_ = world_.names.Here();
  world_.env.CrashAt(at);
}

// An address was reached, in cut `cut` of the armed crash.
void TraceRun::NoteCut(size_t cut) {
  const sim::IoAddress& at = trace_.operations[*armed_].cuts[cut].at;
  const bool is_named = at.io != sim::IoKind::kAny || at.file != sim::FileRole::kAny;
  world_.result.strikes.push_back(
      {*armed_, cut, is_named ? at : world_.names.NewestSince(cut_from_)});
}

void TraceRun::NoteUnreached(size_t step, std::string_view what) {
  world_.result.stale.push_back(
      fmt::format("step {}: {}: {}", step + 1, Print(trace_.operations[step]), what));
}

void TraceRun::FireArmed() {
  if (!armed_.has_value() || world_.failed()) return;
  NoteUnreached(*armed_, "the address was not reached");
  CutInPlace();
  Recover(now_);
}

void TraceRun::CutInPlace() {
  BeforeIo({world_.env.IoCount(), sim::IoKind::kAny, "power cut", ""});
  world_.env.CrashNow();
  in_place_ = true;
}

void TraceRun::BeforeIo(const sim::IoOperation& io) {
  if (world_.run.report_dirty) {
    const std::string file = io.path.substr(io.path.rfind('/') + 1);
    world_.result.dirty.push_back({io.index, file.empty() ? io.what : io.what + " " + file,
                                   world_.env.DirtyFiles(), world_.env.DirtyDirs()});
  }
  if (!world_.run.on_io) return;
  const bool first_open = !trace_.start_closed && world_.result.io_of_open == 0;
  world_.run.on_io({&world_.env, io, now_, first_open, recovery_, [this] { return Knowledge(); }});
}

// The power is off: on again, once for each cut of the operation, until the database is open.
void TraceRun::Recover(size_t step) {
  const Operation& op = trace_.operations[*armed_];
  const bool killed = op.kind == Kind::kKill;
  world_.faults.Repair();
  CloseDb();
  world_.faults.Reset();
  if (!std::exchange(in_place_, false)) NoteCut(0);
  for (size_t i = 0; i < op.cuts.size(); ++i) {
    if (i > 0) NoteCut(i);
    Reboot(*armed_, killed, op.cuts[i].image);
    if (i + 1 < op.cuts.size()) {
      sim::IoAddress at = op.cuts[i + 1].at;
      at.nth = std::max<uint64_t>(at.nth, 1);
      ArmCut(at);
    }
    recovery_ = i + 1;
    auto db = Open();
    recovery_ = 0;
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
  JudgeRecovered(step, world_.faults.End());
  world_.faults.OnRecovered();
}

std::optional<uint64_t> TraceRun::Knowledge() const {
  const std::optional<uint64_t> knowledge = world_.judge->Knowledge();
  if (!knowledge.has_value()) return std::nullopt;
  Digest digest;
  digest.Add(*knowledge);
  digest.Add(world_.numbers.least());
  digest.Add(world_.numbers.durable());
  // What excuses a broken promise, too.
  for (int p = 0; p < static_cast<int>(Property::kCount); ++p) {
    digest.Add(static_cast<uint64_t>(world_.faults.PromiseOf(static_cast<Property>(p))));
  }
  return digest.value();
}

void TraceRun::Reboot(size_t step, bool killed, const CrashImage& wanted) {
  const std::vector<sim::UnsyncedUnit> units = world_.env.Unsynced();
  sim::Image image = world_.run.image ? world_.run.image(units) : wanted.Of(units);
  if (killed) image.assign(units.size(), sim::Fate(true));
  world_.faults.OnCut(killed, units, image);
  CutReport report{step, world_.env.IoCount(), {}, image};
  for (const sim::UnsyncedUnit& unit : units) report.units.push_back(unit.ToString());
  world_.result.cuts.push_back(std::move(report));
  killed ? world_.env.RestartProcess() : world_.env.Restart(image);
  ++world_.result.crash_states;
}

void TraceRun::JudgeRecovered(size_t step, AnswerJudge::End end) {
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

}  // namespace lsm::lab
