// RateLimiter: bounds the bytes a second that flushes and compactions write. A token bucket on the
// environment's clock.
//
// The bucket fills at the rate, up to kBurstMicros of it. Who is next takes his bytes once the
// bucket is not empty, all at once; a debt is left to those behind him. So a request of any size is
// served, and what is granted in any time t is at most rate * (t + kBurstMicros) and one request.
//
// Invariants:
//   1. Next is the most urgent class that waits, and in it who came first.
//   2. But each kTurns-th turn goes to the least urgent one: flushes without end slow compactions
//      down and do not stop them, or level 0 would grow until it stops the flushes' writers.
//   3. While lifted nobody waits: jobs that shall end must not sleep.
// Thread-safe. Its mutex is taken last.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>

#include "db/job_class.h"
#include "env/sync.h"

namespace lsm {

class RateLimiter {
 public:
  static constexpr uint64_t kBurstMicros = 50'000;
  static constexpr uint64_t kTurns = 8;

  RateLimiter(Env* env, uint64_t bytes_per_second);

  // Returns when `bytes` may be written, or were: the order does not matter to the rate.
  void Acquire(uint64_t bytes, JobClass c);
  void SetLifted(bool lifted);

  uint64_t WaitedMicros() const { return waited_us_.load(std::memory_order_relaxed); }

 private:
  struct Waiter {
    explicit Waiter(Mutex* mu) : cv(mu) {}
    CondVar cv;
  };

  Waiter* Next() const;
  void Refill();
  uint64_t MicrosUntilServed() const;

  Env* const env_;
  const double bytes_per_us_;
  Mutex mu_;
  bool lifted_ = false;
  double tokens_;  // bytes; below 0: owed
  uint64_t refilled_us_;
  uint64_t turns_ = 0;
  std::array<std::deque<Waiter*>, kJobClasses> waiting_;
  std::atomic<uint64_t> waited_us_{0};
};

}  // namespace lsm
