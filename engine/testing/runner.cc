#include "testing/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "testing/trace_run.h"

namespace lsm::lab {

TraceRun::TraceRun(const Trace& trace, const RunOptions& run)
    : trace_(trace),
      world_(trace, run),
      listeners_({&world_.faults, world_.judge.get(), &tree_, run.listener}) {
  world_.options.info_log = &logger_;
  told_tree_ = tree_.ToString();
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
    world_.faults.OnFault(io, fault, world_.names);
  });
}

RunResult TraceRun::Run() {
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
  world_.result.tables_expired = world_.faults.expiries();
  world_.result.io_count = world_.env.IoCount();
  world_.result.schedule_points = world_.env.Steps();
  return std::move(world_.result);
}

Result<std::unique_ptr<DB>> TraceRun::Open() {
  world_.numbers.OnOpen(&world_.env);
  world_.BeginCall();
  auto db = world_.run.open(world_.options, kDbPath);
  if (!db.ok()) world_.faults.OnError();
  world_.EndCall(now_);
  if (db.ok()) ++world_.result.opens[static_cast<size_t>(world_.options.policy)];
  return db;
}

void TraceRun::OpenFirst() {
  auto db = Open();
  if (!db.ok())
    return world_.Fail(Property::kP8, 0, "", "an open database", db.status().ToString());
  world_.db = std::move(*db);
  world_.result.io_of_open = world_.env.IoCount();
  CheckSequence(0, true);
}

// `start closed`: what needs the database opens it. A crash or a fault can be armed before.
void TraceRun::OpenIfNeeded(Kind kind) {
  const bool arms = kind == Kind::kCrash || kind == Kind::kKill || kind == Kind::kFail;
  if (world_.db != nullptr || arms || kind == Kind::kReopen) return;
  Reopen(now_);
  if (world_.env.Crashed() && !world_.failed()) Recover(now_);
}

// Runs the client operations in [begin, end), over as many recoveries as there are crashes in it.
void TraceRun::RunPhase(size_t begin, size_t end) {
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

void TraceRun::RunClient(size_t client, std::deque<size_t>* steps) {
  while (!steps->empty() && !world_.failed() && !world_.env.Crashed()) {
    const size_t step = steps->front();
    steps->pop_front();
    Begin(step);
    Finish(step, sessions_[client]->Do(trace_.operations[step], step));
    CheckRest(step, trace_.clients == 1);
  }
}

void TraceRun::RunAlone(size_t step) {
  Begin(step);
  const Operation& op = trace_.operations[step];
  std::string answer = "OK";
  switch (op.kind) {
    case Kind::kCrash:
    case Kind::kKill:
      Arm(step);
      break;
    case Kind::kFail:
      world_.faults.Arm(step, op.fault, world_.names);
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
      if (!world_.faults.MayFail()) CheckIntegrity(step);
      break;
    default:
      answer = sessions_[0]->Do(op, step);
  }
  Finish(step, std::move(answer));
  CheckRest(step, true);
  if (world_.env.Crashed() && !world_.failed()) Recover(step);
}

void TraceRun::Begin(size_t step) {
  now_ = step;
  if (world_.run.progress != nullptr) *world_.run.progress = step;
}

void TraceRun::Finish(size_t step, std::string answer) {
  ++world_.result.operations;
  StepReport& report = world_.result.steps[step];
  report.io = world_.env.IoCount();
  report.answer = std::move(answer);
  const auto& tell = world_.run.transcript;
  if (!tell) return;
  tell(fmt::format("{:>4}  {} -> {}", step + 1, Print(trace_.operations[step]), report.answer));
  std::string tree = tree_.ToString();
  if (tree == told_tree_) return;
  tell("      " + tree);
  told_tree_ = std::move(tree);
}

RunResult RunTrace(const Trace& trace, const RunOptions& options) {
  return TraceRun(trace, options).Run();
}

}  // namespace lsm::lab
