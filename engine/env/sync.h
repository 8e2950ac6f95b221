// Mutex, CondVar and schedule points of the environment.
//
// With the POSIX environment a Mutex is a std::mutex behind one predicted branch. In the simulated
// environment its Baton decides who goes on at every lock, wait and marked point, from the seed.
// Invariant: a Mutex and its CondVars belong to the environment they were made with.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "lsm/env.h"

namespace lsm {

class Mutex;
class CondVar;

// The scheduler of a simulated environment. One task runs at a time, and each call may hand the
// baton on.
class Baton {
 public:
  virtual ~Baton() = default;
  virtual void Lock(Mutex* mu) = 0;
  virtual void Unlock(Mutex* mu) = 0;
  // Releases mu, waits for a signal or until timeout_us have passed (UINT64_MAX: no limit), takes
  // mu again. False on time-out.
  virtual bool Wait(CondVar* cv, Mutex* mu, uint64_t timeout_us) = 0;
  virtual void Signal(CondVar* cv, bool all) = 0;
  // A point at which another task may be scheduled. `name` is for the event log.
  virtual void Point(const char* name) = 0;
};

class Mutex {
 public:
  explicit Mutex(Env* env) : baton_(env->baton()) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() { baton_ == nullptr ? mu_.lock() : baton_->Lock(this); }
  void Unlock() { baton_ == nullptr ? mu_.unlock() : baton_->Unlock(this); }

 private:
  friend class CondVar;
  Baton* const baton_;
  std::mutex mu_;
};

class MutexLock {
 public:
  explicit MutexLock(Mutex* mu) : mu_(mu) { mu_->Lock(); }
  ~MutexLock() { mu_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mu_;
};

// Opens a gap in a MutexLock's scope: unlocks now, locks again at the end.
class MutexUnlock {
 public:
  explicit MutexUnlock(Mutex* mu) : mu_(mu) { mu_->Unlock(); }
  ~MutexUnlock() { mu_->Lock(); }
  MutexUnlock(const MutexUnlock&) = delete;
  MutexUnlock& operator=(const MutexUnlock&) = delete;

 private:
  Mutex* const mu_;
};

class CondVar {
 public:
  explicit CondVar(Mutex* mu) : mu_(mu) {}
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  void Wait() { WaitFor(UINT64_MAX); }
  // False on time-out. Spurious wake-ups happen: re-check the condition.
  bool WaitFor(uint64_t timeout_us);
  void Signal() { mu_->baton_ == nullptr ? cv_.notify_one() : mu_->baton_->Signal(this, false); }
  void SignalAll() { mu_->baton_ == nullptr ? cv_.notify_all() : mu_->baton_->Signal(this, true); }

 private:
  Mutex* const mu_;
  std::condition_variable cv_;
};

// A marked point: free with the POSIX environment but for one predicted branch.
inline void SchedulePoint(Env* env, const char* name) {
  if (Baton* baton = env->baton(); baton != nullptr) baton->Point(name);
}

}  // namespace lsm
