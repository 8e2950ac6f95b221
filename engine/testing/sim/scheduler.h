// The baton scheduler and the clock of the simulated world.
//
// Every task is a real thread, but only the holder of the baton runs; all others sleep on their own
// semaphore. Handing over is the only synchronisation: all state of the simulation is touched by
// the baton's holder alone and needs no lock.
//
// Who goes on, when there is a choice, is decided in one of two ways:
//   by chance    at each schedule point any other task may, with a given probability;
//   by priority  (SimOptions::priority_depth d > 0) each task begins with a random priority, and
//                the highest that can run runs. At d - 1 schedule points, drawn among the first
//                priority_points, or among the marked ones (SchedulePoint), which are few and
//                stand where it matters, the task that runs falls below all others. Burckhardt,
//                Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic
//                Guarantees of Finding Bugs, ASPLOS 2010. Chance spreads switches over the whole
//                run; this makes few of them, and so shows what needs one task to rest while others
//                do a lot.
//
// Invariants:
//   1. current_ runs. ready_ holds the tasks that could; the others wait or have ended.
//   2. A free mutex that somebody waits for has a task in ready_ that will try to take it: Unlock
//      wakes one waiter, which may lose the race to any other task and then waits again.
//   3. The clock stands still while any task can run.
//   4. A choice depends on the seed and on the order of calls, never on addresses or on real time.
#pragma once

#include <semaphore.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "env/sync.h"
#include "testing/sim/one_cpu.h"
#include "testing/sim/random.h"

namespace lsm::sim {

struct SimOptions;

// Where a task waits for the baton. Not std::atomic::wait, which asks some times over before it
// sleeps: on one processor that only keeps the baton's holder from running.
class Semaphore {
 public:
  Semaphore() { sem_init(&semaphore_, 0, 0); }
  ~Semaphore() { sem_destroy(&semaphore_); }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  void Pass() { sem_post(&semaphore_); }
  void Await() {
    while (sem_wait(&semaphore_) != 0) {  // a signal came
    }
  }

 private:
  sem_t semaphore_;
};

class Scheduler final : public Baton {
 public:
  // One client or background job. The slot of an ended task is used again, with its thread: to make
  // one takes as long as many steps, most of all under sanitizers.
  struct Task {
    enum class State : uint8_t { kReady, kMutex, kCondVar, kSleep, kJoin, kEnded, kFree };
    uint64_t id = 0;
    std::string name;
    State state = State::kReady;
    const void* waits_for = nullptr;  // the Mutex, CondVar or Task
    uint64_t deadline = UINT64_MAX;   // on the simulated clock
    bool timed_out = false;           // how the last wait with a deadline ended
    const char* at = "start";         // the last schedule point, for reports
    uint64_t priority = 0;            // the highest that can run runs, if priorities decide
    std::function<void()> body;
    Semaphore baton;
    std::thread thread;
    std::thread::id thread_id;
  };

  explicit Scheduler(const SimOptions& options);
  ~Scheduler() override;

  // Baton
  void Lock(Mutex* mu) override;
  void Unlock(Mutex* mu) override;
  bool Wait(CondVar* cv, Mutex* mu, uint64_t timeout_us) override;
  void Signal(CondVar* cv, bool all) override;
  void Point(const char* name) override { Step(name, true); }
  // A schedule point that is not marked as such: every lock, wait and file operation.
  void Step(const char* name) { Step(name, false); }

  Task* Start(std::string name, std::function<void()> body);
  void Join(Task* task);  // waits for its end and gives the slot back
  void Sleep(uint64_t us);

  uint64_t now() const { return now_; }
  void Advance(uint64_t us);
  uint64_t steps() const { return steps_; }
  uint64_t current_task() const { return current_->id; }

 private:
  struct Held {
    const Mutex* mu;
    Task* owner;
  };
  using State = Task::State;

  Task* NewTask(std::string name);
  void RunTasks(Task* task);
  Task* OwnerOf(const Mutex* mu) const;
  void Acquire(Mutex* mu);
  void Release(Mutex* mu);
  void Block(State state, const void* waits_for, uint64_t deadline);
  void MakeReady(Task* task);
  bool WakeOne(State state, const void* waited_for);
  bool ByPriority() const { return priority_depth_ > 0; }
  void Step(const char* name, bool marked);
  void Fall();
  bool GivesWay();
  size_t ChooseReady();
  Task* TakeReady();
  void HandTo(Task* next);
  uint64_t After(uint64_t us) const { return us < UINT64_MAX - now_ ? now_ + us : UINT64_MAX; }
  void Log(std::string_view what, std::string_view argument);
  [[noreturn]] void Die(std::string_view reason) const;
  std::string Describe(const Task& task) const;

  const OneCpu one_cpu_;
  const uint64_t seed_;
  const uint64_t max_steps_;
  std::string* const log_;
  Random random_;
  const uint32_t switch_per_1024_;
  const uint32_t priority_depth_;
  const bool falls_at_marks_;
  std::vector<uint64_t> falls_;  // steps, or marks, at which the running task's priority falls
  uint64_t steps_ = 0;
  uint64_t marks_ = 0;
  uint64_t now_ = 0;
  uint64_t next_id_ = 0;
  std::vector<std::unique_ptr<Task>> tasks_;  // all slots
  std::vector<Task*> ready_;                  // without current_
  std::vector<Held> held_;                    // few at a time: searched front to back
  Task* current_;
};

}  // namespace lsm::sim
