#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "env/sync.h"
#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

SimOptions WithSeed(uint64_t seed, std::string* log = nullptr) {
  SimOptions options;
  options.seed = seed;
  options.log = log;
  return options;
}

// Four tasks that lock, wait for time and write files; the log of what happened.
std::string BusyRun(uint64_t seed) {
  std::string log;
  SimEnv env(WithSeed(seed, &log));
  EXPECT_TRUE(env.CreateDir("/d").ok());
  Mutex mu(&env);
  CondVar changed(&mu);
  int turns = 0;
  {
    std::vector<std::unique_ptr<Thread>> threads;
    for (const char* name : {"a", "b", "c"}) {
      threads.push_back(env.StartThread(name, [&, name] {
        for (int i = 0; i < 10; ++i) {
          auto file = env.CreateWritable(std::string("/d/") + name, {});
          EXPECT_TRUE((*file)->Append("x").ok());
          EXPECT_TRUE((*file)->Sync().ok());
          MutexLock lock(&mu);
          ++turns;
          changed.SignalAll();
          changed.WaitFor(env.RandomSeed() % 50);
        }
      }));
    }
    MutexLock lock(&mu);
    while (turns < 30) changed.Wait();
  }
  return log;
}

// The value that two tasks leave behind that both add 1, not atomically.
int RacyCount(uint64_t seed) {
  SimEnv env(WithSeed(seed));
  int value = 0;
  const auto add_one = [&] {
    const int read = value;
    SchedulePoint(&env, "between read and write");
    value = read + 1;
  };
  auto other = env.StartThread("other", add_one);
  add_one();
  other.reset();
  return value;
}

TEST(Scheduler, SameSeedGivesTheSameLog) {
  for (uint64_t seed = 1; seed <= 20; ++seed) EXPECT_EQ(BusyRun(seed), BusyRun(seed)) << seed;
}

TEST(Scheduler, DifferentSeedsGiveDifferentInterleavings) {
  std::set<std::string> logs;
  for (uint64_t seed = 1; seed <= 20; ++seed) logs.insert(BusyRun(seed));
  EXPECT_EQ(logs.size(), 20u);
}

TEST(Scheduler, SomeSeedsLoseAnUpdateAndSomeDoNot) {
  std::set<int> values;
  for (uint64_t seed = 1; seed <= 200; ++seed) values.insert(RacyCount(seed));
  EXPECT_EQ(values, (std::set<int>{1, 2}));
}

TEST(Scheduler, WithoutSwitchesATaskRunsUntilItWaits) {
  SimOptions options = WithSeed(1);
  options.switch_per_1024 = 0;
  SimEnv env(options);
  std::string order;
  auto other = env.StartThread("other", [&] { order += "other "; });
  for (int i = 0; i < 100; ++i) SchedulePoint(&env, "point");
  order += "main ";
  other.reset();
  EXPECT_EQ(order, "main other ");
}

TEST(Scheduler, MutexKeepsOthersOut) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SimEnv env(WithSeed(seed));
    Mutex mu(&env);
    int inside = 0;
    int sum = 0;
    const auto work = [&] {
      for (int i = 0; i < 20; ++i) {
        MutexLock lock(&mu);
        EXPECT_EQ(++inside, 1);
        SchedulePoint(&env, "inside");
        ++sum;
        --inside;
      }
    };
    {
      const auto a = env.StartThread("a", work);
      const auto b = env.StartThread("b", work);
      work();
    }
    EXPECT_EQ(sum, 60);
  }
}

TEST(Scheduler, AnyWaiterMayGetTheMutexFirst) {
  std::set<std::string> orders;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SimEnv env(WithSeed(seed));
    Mutex mu(&env);
    std::string order;
    std::vector<std::unique_ptr<Thread>> threads;
    mu.Lock();
    for (const char* name : {"a", "b", "c"}) {
      threads.push_back(env.StartThread(name, [&, name] {
        MutexLock lock(&mu);
        order += name;
      }));
    }
    env.SleepMicros(1);  // all others wait for the mutex now
    mu.Unlock();
    threads.clear();
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(Scheduler, SignalWakesOneAndSignalAllWakesAll) {
  SimOptions options = WithSeed(3);
  options.switch_per_1024 = 0;  // no spurious wake-ups
  SimEnv env(options);
  Mutex mu(&env);
  CondVar cv(&mu);
  int woken = 0;
  std::vector<std::unique_ptr<Thread>> threads;
  for (int i = 0; i < 3; ++i) {
    threads.push_back(env.StartThread("waiter", [&] {
      MutexLock lock(&mu);
      cv.Wait();
      ++woken;
    }));
  }
  env.SleepMicros(1);
  cv.Signal();
  env.SleepMicros(1);
  EXPECT_EQ(woken, 1);
  cv.SignalAll();
  env.SleepMicros(1);
  EXPECT_EQ(woken, 3);
}

TEST(Scheduler, WaitsWakeUpSpuriouslyNowAndThen) {
  SimEnv env(WithSeed(1));
  Mutex mu(&env);
  CondVar cv(&mu);
  MutexLock lock(&mu);
  int spurious = 0;
  for (int i = 0; i < 2000; ++i) spurious += cv.WaitFor(1) ? 1 : 0;
  EXPECT_GT(spurious, 0);
  EXPECT_LT(spurious, 200);
}

TEST(Scheduler, ClockJumpsToTheEarliestWaiterWhenAllWait) {
  SimEnv env(WithSeed(1));
  const uint64_t start = env.NowMicros();
  std::vector<uint64_t> woken;
  {
    const auto late = env.StartThread("late", [&] {
      env.SleepMicros(5000);
      woken.push_back(env.NowMicros() - start);
    });
    env.SleepMicros(1200);
    woken.push_back(env.NowMicros() - start);
  }
  EXPECT_EQ(woken, (std::vector<uint64_t>{1200, 5000}));
}

TEST(Scheduler, ClockStandsStillWhileATaskRuns) {
  SimEnv env(WithSeed(1));
  bool slept = false;
  const auto sleeper = env.StartThread("sleeper", [&] {
    env.SleepMicros(1);
    slept = true;
  });
  for (int i = 0; i < 10000; ++i) SchedulePoint(&env, "busy");
  EXPECT_FALSE(slept);
}

TEST(Scheduler, WaitForTimesOutOnTheSimulatedClock) {
  SimOptions options = WithSeed(1);
  options.switch_per_1024 = 0;
  SimEnv env(options);
  Mutex mu(&env);
  CondVar cv(&mu);
  MutexLock lock(&mu);
  EXPECT_FALSE(cv.WaitFor(700));
  EXPECT_EQ(env.NowMicros(), 700u);
}

TEST(Scheduler, AdvancedClockWakesSleepers) {
  SimEnv env(WithSeed(1));
  uint64_t woken_at = 0;
  auto sleeper = env.StartThread("sleeper", [&] {
    env.SleepMicros(1000);
    woken_at = env.NowMicros();
  });
  while (env.Steps() < 100) SchedulePoint(&env, "let it sleep");
  env.AdvanceClock(3000);
  sleeper.reset();
  EXPECT_EQ(woken_at, 3000u);
}

TEST(Scheduler, LogNamesSwitchesTimeAndOperations) {
  std::string log;
  SimOptions options = WithSeed(1, &log);
  options.switch_per_1024 = 0;
  SimEnv env(options);
  ASSERT_TRUE(env.CreateDir("/d").ok());
  auto job = env.StartThread("compaction", [&] { env.SleepMicros(1200); });
  auto file = env.CreateWritable("/d/000003.log", {});
  ASSERT_TRUE((*file)->Sync().ok());
  job.reset();
  EXPECT_EQ(log,
            "io 0 create directory /d\n"
            "io 1 create /d/000003.log\n"
            "io 2 sync /d/000003.log\n"
            "run compaction\n"
            "clock 1200\n"
            "run main\n");
}

TEST(Scheduler, RandomSeedsDifferAndRepeatWithTheSeed) {
  SimEnv a(WithSeed(1));
  SimEnv b(WithSeed(1));
  const uint64_t first = a.RandomSeed();
  EXPECT_EQ(first, b.RandomSeed());
  EXPECT_NE(first, a.RandomSeed());
}

TEST(Scheduler, SlotsOfEndedTasksAreUsedAgain) {
  SimEnv env(WithSeed(1));
  int ran = 0;
  for (int i = 0; i < 1000; ++i) env.StartThread("short", [&] { ++ran; });
  EXPECT_EQ(ran, 1000);
}

// --- Forward progress ---

class SchedulerDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

void LockInOppositeOrders() {
  SimOptions options = WithSeed(1);
  options.switch_per_1024 = 0;
  SimEnv env(options);
  Mutex first(&env);
  Mutex second(&env);
  const auto other = env.StartThread("other", [&] {
    MutexLock lock_second(&second);
    env.SleepMicros(10);
    MutexLock lock_first(&first);
  });
  MutexLock lock_first(&first);
  env.SleepMicros(5);
  MutexLock lock_second(&second);
}

TEST_F(SchedulerDeathTest, DeadlockIsReportedWithWhoWaitsForWhat) {
  EXPECT_DEATH(LockInOppositeOrders(),
               "deadlock.*\n.*task 0 'main' at 'lock': waits for a mutex that task 1 'other' holds"
               "\n.*task 1 'other' at 'lock': waits for a mutex that task 0 'main' holds");
}

TEST_F(SchedulerDeathTest, LostWakeUpIsADeadlock) {
  EXPECT_DEATH(
      {
        SimOptions options = WithSeed(1);
        options.switch_per_1024 = 0;
        SimEnv env(options);
        Mutex mu(&env);
        CondVar cv(&mu);
        MutexLock lock(&mu);
        cv.Signal();
        cv.Wait();
      },
      "deadlock.*\n.*task 0 'main' at 'wait': waits for a signal");
}

TEST_F(SchedulerDeathTest, EndlessLoopIsALivelock) {
  EXPECT_DEATH(
      {
        SimOptions options = WithSeed(1);
        options.max_steps = 1000;
        SimEnv env(options);
        for (;;) SchedulePoint(&env, "spin");
      },
      "livelock.*\n.*task 0 'main' at 'spin': runs");
}

TEST_F(SchedulerDeathTest, LockingTwiceIsReported) {
  EXPECT_DEATH(
      {
        SimEnv env(WithSeed(1));
        Mutex mu(&env);
        MutexLock outer(&mu);
        mu.Lock();
      },
      "a task locks a mutex that it holds");
}

}  // namespace
}  // namespace lsm::sim
