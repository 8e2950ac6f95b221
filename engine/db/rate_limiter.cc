#include "db/rate_limiter.h"

#include <algorithm>

#include "base/marks.h"

namespace lsm {

RateLimiter::RateLimiter(Env* env, uint64_t bytes_per_second)
    : env_(env),
      bytes_per_us_(static_cast<double>(bytes_per_second) / 1e6),
      mu_(env),
      tokens_(bytes_per_us_ * kBurstMicros),
      refilled_us_(env->NowMicros()) {}

void RateLimiter::Acquire(uint64_t bytes, JobClass c) {
  MutexLock lock(&mu_);
  if (lifted_) return;
  Waiter me(&mu_);
  std::deque<Waiter*>& queue = waiting_[static_cast<size_t>(c)];
  queue.push_back(&me);
  const uint64_t start_us = env_->NowMicros();
  bool waited = false;
  while (!lifted_) {
    Refill();
    const bool next = Next() == &me;
    if (next && tokens_ > 0) {
      tokens_ -= static_cast<double>(bytes);
      ++turns_;
      break;
    }
    waited = true;
    // Whoever becomes the next one by coming later keeps the time himself.
    next ? me.cv.WaitFor(MicrosUntilServed()) : me.cv.WaitFor(UINT64_MAX);
  }
  std::erase(queue, &me);
  if (Waiter* next = Next(); next != nullptr) next->cv.Signal();
  if (!waited) return;
  LSM_MARK(limiter_waited);
  waited_us_.fetch_add(env_->NowMicros() - start_us, std::memory_order_relaxed);
}

void RateLimiter::SetLifted(bool lifted) {
  MutexLock lock(&mu_);
  lifted_ = lifted;
  if (!lifted_) return;
  for (const std::deque<Waiter*>& queue : waiting_) {
    for (Waiter* waiter : queue) waiter->cv.Signal();
  }
}

RateLimiter::Waiter* RateLimiter::Next() const {
  Waiter* most_urgent = nullptr;
  Waiter* least_urgent = nullptr;
  for (const std::deque<Waiter*>& queue : waiting_) {
    if (queue.empty()) continue;
    if (most_urgent == nullptr) most_urgent = queue.front();
    least_urgent = queue.front();
  }
  return turns_ % kTurns == kTurns - 1 ? least_urgent : most_urgent;
}

void RateLimiter::Refill() {
  const uint64_t now_us = env_->NowMicros();
  const double filled = tokens_ + static_cast<double>(now_us - refilled_us_) * bytes_per_us_;
  tokens_ = std::min(filled, bytes_per_us_ * kBurstMicros);
  refilled_us_ = now_us;
}

uint64_t RateLimiter::MicrosUntilServed() const {
  return static_cast<uint64_t>(-tokens_ / bytes_per_us_) + 1;
}

}  // namespace lsm
