// The limiter on a simulated clock: what is granted is counted, never timed.
#include "db/rate_limiter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

constexpr uint64_t kRate = 1'000'000;  // a byte a microsecond
constexpr uint64_t kRequest = 10'000;
constexpr uint64_t kBurst = RateLimiter::kBurstMicros;  // in bytes, at this rate

sim::SimOptions WithSeed(uint64_t seed) {
  sim::SimOptions options;
  options.seed = seed;
  return options;
}

TEST(RateLimiter, GrantsTheBurstAtOnceAndThenTheRate) {
  sim::SimEnv env(WithSeed(1));
  RateLimiter limiter(&env, kRate);
  const uint64_t start_us = env.NowMicros();
  for (uint64_t granted = 0; granted < kBurst; granted += kRequest) {
    limiter.Acquire(kRequest, JobClass::kDeeper);
  }
  EXPECT_EQ(env.NowMicros(), start_us);
  for (uint64_t granted = 0; granted < kRate; granted += kRequest) {
    limiter.Acquire(kRequest, JobClass::kDeeper);
  }
  const uint64_t waited_us = env.NowMicros() - start_us;
  EXPECT_GE(waited_us, 1'000'000 - kRequest);
  EXPECT_LE(waited_us, 1'001'000U);
  EXPECT_EQ(limiter.WaitedMicros(), waited_us);
}

TEST(RateLimiter, ServesARequestLargerThanTheBucket) {
  sim::SimEnv env(WithSeed(1));
  RateLimiter limiter(&env, kRate);
  const uint64_t start_us = env.NowMicros();
  limiter.Acquire(10 * kBurst, JobClass::kFlush);
  EXPECT_EQ(env.NowMicros(), start_us);  // the debt is left to the next one
  limiter.Acquire(1, JobClass::kFlush);
  EXPECT_GE(env.NowMicros() - start_us, 9 * kBurst);
}

// Tasks that each ask for `requests` grants and write down their class at each.
class Contest {
 public:
  explicit Contest(uint64_t seed) : env_(WithSeed(seed)), limiter_(&env_, kRate), mu_(&env_) {
    limiter_.Acquire(2 * kBurst, JobClass::kDeeper);  // no burst: a queue forms
  }
  void Enter(JobClass c, int requests) {
    tasks_.push_back(env_.StartThread("contestant", [this, c, requests] {
      for (int i = 0; i < requests; ++i) {
        limiter_.Acquire(kRequest, c);
        MutexLock lock(&mu_);
        order_ += c == JobClass::kFlush ? 'f' : c == JobClass::kLevel0 ? '0' : 'd';
      }
    }));
  }
  std::string Order() {
    tasks_.clear();
    return order_;
  }

 private:
  sim::SimEnv env_;
  RateLimiter limiter_;
  Mutex mu_;
  std::string order_;
  std::vector<std::unique_ptr<Thread>> tasks_;
};

size_t Count(const std::string& order, char what) {
  return static_cast<size_t>(std::count(order.begin(), order.end(), what));
}

TEST(RateLimiter, FlushesWaitForNoQueueOfCompactions) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Contest contest(seed);
    for (int i = 0; i < 4; ++i) contest.Enter(JobClass::kDeeper, 20);
    contest.Enter(JobClass::kFlush, 20);
    const std::string order = contest.Order();
    ASSERT_EQ(order.size(), 100U);
    const std::string until_flushed = order.substr(0, order.rfind('f') + 1);
    EXPECT_LE(Count(until_flushed, 'd'), 20 / (RateLimiter::kTurns - 1) + 1) << order;
  }
}

TEST(RateLimiter, CompactionsAreNotStarvedByFlushesWithoutEnd) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Contest contest(seed);
    for (int i = 0; i < 4; ++i) contest.Enter(JobClass::kFlush, 40);
    contest.Enter(JobClass::kDeeper, 4);
    const std::string order = contest.Order();
    ASSERT_EQ(order.size(), 164U);
    EXPECT_LE(order.rfind('d'), 4 * RateLimiter::kTurns) << order;
  }
}

TEST(RateLimiter, LiftedLetsEverybodyGo) {
  sim::SimEnv env(WithSeed(3));
  RateLimiter limiter(&env, 1);  // a byte a second
  limiter.Acquire(1000, JobClass::kFlush);
  const uint64_t start_us = env.NowMicros();
  auto waiter = env.StartThread("waiter", [&] { limiter.Acquire(1000, JobClass::kDeeper); });
  env.SleepMicros(10);
  limiter.SetLifted(true);
  waiter.reset();
  EXPECT_LT(env.NowMicros() - start_us, 1000U);
  limiter.SetLifted(false);
  limiter.Acquire(1, JobClass::kFlush);
  EXPECT_GT(env.NowMicros() - start_us, 1'000'000U);
}

}  // namespace
}  // namespace lsm
