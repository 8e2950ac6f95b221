#include "testing/sim/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

// One wait in this many returns without a signal, as the contract of CondVar allows.
constexpr uint32_t kSpuriousWakeUpsPer1024 = 16;

}  // namespace

Scheduler::Scheduler(const SimOptions& options)
    : seed_(options.seed),
      max_steps_(options.max_steps),
      log_(options.log),
      random_(options.seed),
      switch_per_1024_(options.switch_per_1024),
      priority_depth_(options.priority_depth),
      falls_at_marks_(options.priority_at_marks),
      current_(NewTask("main")) {
  LSM_CHECK(priority_depth_ <= 1 || options.priority_points > 0);
  for (uint32_t i = 1; i < priority_depth_; ++i) {
    falls_.push_back(1 + random_.Below(options.priority_points));
  }
  current_->thread_id = std::this_thread::get_id();
}

Scheduler::~Scheduler() {
  const auto ended = [this](const auto& task) {
    return task.get() == current_ || task->state == State::kFree;
  };
  LSM_CHECK(std::all_of(tasks_.begin(), tasks_.end(), ended));
  for (const auto& task : tasks_) {
    if (!task->thread.joinable()) continue;  // main
    task->baton.Pass();                      // without a body: the thread ends
    task->thread.join();
  }
}

// --- Tasks ---

Scheduler::Task* Scheduler::NewTask(std::string name) {
  auto slot = std::find_if(tasks_.begin(), tasks_.end(),
                           [](const auto& task) { return task->state == State::kFree; });
  if (slot == tasks_.end()) slot = tasks_.insert(slot, std::make_unique<Task>());
  Task* task = slot->get();
  task->id = next_id_++;
  task->name = std::move(name);
  task->state = State::kReady;
  task->at = "start";
  // Above those that a fall gives, which are below priority_depth_.
  if (ByPriority()) task->priority = priority_depth_ + random_.Below(uint64_t{1} << 62);
  return task;
}

Scheduler::Task* Scheduler::Start(std::string name, std::function<void()> body) {
  Task* task = NewTask(std::move(name));
  task->body = std::move(body);
  ready_.push_back(task);
  if (!task->thread.joinable()) {
    task->thread = std::thread(&Scheduler::RunTasks, this, task);
    task->thread_id = task->thread.get_id();
  }
  Step("start thread");
  return task;
}

// The thread of a slot: one task after another.
void Scheduler::RunTasks(Task* task) {
  for (task->baton.Await(); task->body != nullptr; task->baton.Await()) {
    task->body();
    task->body = nullptr;  // what it captured goes while the task still holds the baton
    task->at = "end";
    task->state = State::kEnded;
    while (WakeOne(State::kJoin, task)) {
    }
    HandTo(TakeReady());
  }
}

void Scheduler::Join(Task* task) {
  Step("join");
  while (task->state != State::kEnded) Block(State::kJoin, task, UINT64_MAX);
  task->state = State::kFree;
}

// --- Schedule points ---

void Scheduler::Step(const char* name, bool marked) {
  LSM_DCHECK(current_->thread_id == std::this_thread::get_id());
  current_->at = name;
  if (++steps_ > max_steps_) Die("more schedule points than max_steps: livelock?");
  if (marked) ++marks_;
  if (marked || !falls_at_marks_) Fall();
  if (!GivesWay()) return;
  Task* self = current_;
  Task* next = TakeReady();
  ready_.push_back(self);
  HandTo(next);
  self->baton.Await();
}

void Scheduler::Fall() {
  const uint64_t now = falls_at_marks_ ? marks_ : steps_;
  for (size_t i = 0; i < falls_.size(); ++i) {
    if (falls_[i] == now) current_->priority = i;
  }
}

bool Scheduler::GivesWay() {
  if (ready_.empty()) return false;
  if (!ByPriority()) return random_.OneIn1024(switch_per_1024_);
  return ready_[ChooseReady()]->priority > current_->priority;
}

// The index in ready_ of the task that goes on.
size_t Scheduler::ChooseReady() {
  if (!ByPriority()) return random_.Below(ready_.size());
  const auto lower = [](const Task* a, const Task* b) { return a->priority < b->priority; };
  return static_cast<size_t>(std::max_element(ready_.begin(), ready_.end(), lower) -
                             ready_.begin());
}

void Scheduler::Block(State state, const void* waits_for, uint64_t deadline) {
  Task* self = current_;
  self->state = state;
  self->waits_for = waits_for;
  self->deadline = deadline;
  self->timed_out = false;
  Task* next = TakeReady();
  if (next == self) return;
  HandTo(next);
  self->baton.Await();
}

void Scheduler::HandTo(Task* next) {
  Log("run", next->name);
  current_ = next;
  next->baton.Pass();
}

// The task that goes on. Moves the clock when nobody can run before a deadline.
Scheduler::Task* Scheduler::TakeReady() {
  while (ready_.empty()) {
    uint64_t earliest = UINT64_MAX;
    for (const auto& task : tasks_) earliest = std::min(earliest, task->deadline);
    if (earliest == UINT64_MAX) Die("deadlock: every task waits, and none for the clock");
    Advance(earliest - now_);
  }
  std::swap(ready_[ChooseReady()], ready_.back());
  Task* task = ready_.back();
  ready_.pop_back();
  return task;
}

void Scheduler::MakeReady(Task* task) {
  task->state = State::kReady;
  task->waits_for = nullptr;
  task->deadline = UINT64_MAX;
  ready_.push_back(task);
}

// Makes one of the tasks ready that are in `state` because of `waited_for`: by chance, or the
// highest.
bool Scheduler::WakeOne(State state, const void* waited_for) {
  Task* chosen = nullptr;
  uint64_t seen = 0;
  for (const auto& task : tasks_) {
    if (task->state != state || task->waits_for != waited_for) continue;
    const bool better = ++seen == 1 || (ByPriority() ? task->priority > chosen->priority
                                                     : random_.Below(seen) == 0);
    if (better) chosen = task.get();
  }
  if (chosen != nullptr) MakeReady(chosen);
  return chosen != nullptr;
}

// --- Mutexes and condition variables ---

Scheduler::Task* Scheduler::OwnerOf(const Mutex* mu) const {
  for (const Held& held : held_) {
    if (held.mu == mu) return held.owner;
  }
  return nullptr;
}

void Scheduler::Acquire(Mutex* mu) {
  for (const Task* owner; (owner = OwnerOf(mu)) != nullptr;) {
    if (owner == current_) Die("a task locks a mutex that it holds");
    Block(State::kMutex, mu, UINT64_MAX);
  }
  held_.push_back({mu, current_});
}

void Scheduler::Release(Mutex* mu) {
  const auto held =
      std::find_if(held_.begin(), held_.end(), [mu](const Held& h) { return h.mu == mu; });
  if (held == held_.end() || held->owner != current_) {
    Die("a task unlocks a mutex that it does not hold");
  }
  *held = held_.back();
  held_.pop_back();
  WakeOne(State::kMutex, mu);
}

void Scheduler::Lock(Mutex* mu) {
  Step("lock");
  Acquire(mu);
}

void Scheduler::Unlock(Mutex* mu) {
  Release(mu);
  Step("unlock");
}

bool Scheduler::Wait(CondVar* cv, Mutex* mu, uint64_t timeout_us) {
  Step("wait");  // between the test of the condition and the wait: shows a signal without the lock
  const bool preempts = ByPriority() || switch_per_1024_ > 0;
  const bool spurious = preempts && random_.OneIn1024(kSpuriousWakeUpsPer1024);
  Task* self = current_;
  self->timed_out = false;
  Release(mu);
  if (!spurious) Block(State::kCondVar, cv, After(timeout_us));
  const bool timed_out = self->timed_out;
  Acquire(mu);
  return !timed_out;
}

void Scheduler::Signal(CondVar* cv, bool all) {
  Step("signal");
  while (WakeOne(State::kCondVar, cv) && all) {
  }
}

// --- Time ---

void Scheduler::Sleep(uint64_t us) {
  Step("sleep");
  if (us > 0) Block(State::kSleep, nullptr, After(us));
}

void Scheduler::Advance(uint64_t us) {
  now_ += us;
  Log("clock", fmt::format_int(now_).c_str());
  for (const auto& task : tasks_) {
    if (task->deadline > now_) continue;
    task->timed_out = true;
    MakeReady(task.get());
  }
}

// --- Reports ---

void Scheduler::Log(std::string_view what, std::string_view argument) {
  if (log_ != nullptr) fmt::format_to(std::back_inserter(*log_), "{} {}\n", what, argument);
}

std::string Scheduler::Describe(const Task& task) const {
  std::string text = fmt::format("  task {} '{}' at '{}': ", task.id, task.name, task.at);
  switch (task.state) {
    case State::kReady:
      text += &task == current_ ? "runs" : "could run";
      break;
    case State::kMutex: {
      const Task* owner = OwnerOf(static_cast<const Mutex*>(task.waits_for));
      text += owner == nullptr ? "waits for a free mutex"
                               : fmt::format("waits for a mutex that task {} '{}' holds", owner->id,
                                             owner->name);
      break;
    }
    case State::kCondVar:
      text += "waits for a signal";
      break;
    case State::kSleep:
      text += "sleeps";
      break;
    case State::kJoin: {
      const Task* other = static_cast<const Task*>(task.waits_for);
      text += fmt::format("waits for the end of task {} '{}'", other->id, other->name);
      break;
    }
    case State::kEnded:
    case State::kFree:
      text += "has ended";
      break;
  }
  if (task.deadline != UINT64_MAX) text += fmt::format(" until {} us", task.deadline);
  return text + "\n";
}

void Scheduler::Die(std::string_view reason) const {
  std::string report =
      fmt::format("simulation: {} (seed {}, step {}, clock {} us)\n", reason, seed_, steps_, now_);
  for (const auto& task : tasks_) {
    if (task->state != State::kFree) report += Describe(*task);
  }
  std::fputs(report.c_str(), stderr);
  std::abort();
}

}  // namespace lsm::sim
