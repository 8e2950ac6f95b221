// Schedules by priority: bugs of a known depth, and in how many schedules each way of scheduling
// meets them. A bug has depth d if it shows whenever d things happen in one order.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "env/sync.h"
#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

constexpr int kSchedules = 400;
constexpr uint64_t kPoints = 500;  // the programs below have fewer

SimOptions ByChance(uint32_t switch_per_1024) {
  SimOptions options;
  options.switch_per_1024 = switch_per_1024;
  return options;
}

SimOptions ByPriority(uint32_t depth) {
  SimOptions options;
  options.priority_depth = depth;
  options.priority_points = kPoints;
  return options;
}

void Work(Env* env, int points) {
  for (int i = 0; i < points; ++i) SchedulePoint(env, "work");
}

// Depth 2: the user rests between its look and its use while the owner does all its work. Chance
// that switches often does not let it rest for so long.
bool UsedAfterItsEnd(const SimOptions& options) {
  SimEnv env(options);
  bool alive = true, used_dead = false;
  {
    const auto user = env.StartThread("user", [&] {
      const bool looked = alive;
      Work(&env, 20);
      used_dead = looked && !alive;
    });
    const auto owner = env.StartThread("owner", [&] {
      Work(&env, 300);
      alive = false;
    });
  }
  return used_dead;
}

// Depth 3: the reader rests, the writer does a third of its work and rests, too.
bool SawNothingThenHalf(const SimOptions& options) {
  SimEnv env(options);
  int stage = 0;
  bool half = false;
  {
    const auto reader = env.StartThread("reader", [&] {
      for (int i = 0; i < 50; ++i) {
        const int before = stage;
        SchedulePoint(&env, "between two looks");
        half = half || (before == 0 && stage == 1);
        SchedulePoint(&env, "after two looks");
      }
    });
    const auto writer = env.StartThread("writer", [&] {
      for (stage = 0; stage < 2; ++stage) Work(&env, 150);
      Work(&env, 50);
    });
  }
  return half;
}

template <class Program>
int Found(Program shows_bug, SimOptions options) {
  int found = 0;
  for (int i = 0; i < kSchedules; ++i) {
    options.seed = static_cast<uint64_t>(i);
    found += shows_bug(options) ? 1 : 0;
  }
  return found;
}

TEST(PrioritySchedules, OneFallFindsWhatNeedsOneLongRest) {
  const int found = Found(UsedAfterItsEnd, ByPriority(2));
  // The user first: 1 in 2. The fall within its 20 points: 20 in 500. So 8 of 400 are expected.
  EXPECT_GE(found, 4) << "of " << kSchedules;
  for (const uint32_t switches : {16U, 64U, 128U, 512U}) {
    EXPECT_LT(Found(UsedAfterItsEnd, ByChance(switches)), found / 4) << "switch=" << switches;
  }
}

TEST(PrioritySchedules, WithoutAFallTheyFindNoBugThatNeedsOne) {
  EXPECT_EQ(Found(UsedAfterItsEnd, ByPriority(1)), 0);
}

TEST(PrioritySchedules, TwoFallsFindWhatNeedsTwoLongRests) {
  EXPECT_GE(Found(SawNothingThenHalf, ByPriority(3)), 2) << "of " << kSchedules;
  EXPECT_EQ(Found(SawNothingThenHalf, ByPriority(2)), 0);
}

// Depth 2 again: one marked point among many locks.
bool UsedAfterItsEndAmongLocks(const SimOptions& options) {
  SimEnv env(options);
  Mutex mu(&env);
  bool alive = true, used_dead = false;
  const auto lock_often = [&] {
    for (int i = 0; i < 50; ++i) MutexLock lock(&mu);
  };
  {
    const auto user = env.StartThread("user", [&] {
      lock_often();
      const bool looked = alive;
      SchedulePoint(&env, "between look and use");
      used_dead = looked && !alive;
    });
    const auto owner = env.StartThread("owner", [&] {
      lock_often();
      alive = false;
    });
  }
  return used_dead;
}

TEST(PrioritySchedules, FallsAtMarkedPointsFindWhatWaitsThere) {
  SimOptions at_marks = ByPriority(2);
  at_marks.priority_at_marks = true;
  at_marks.priority_points = 1;
  const int found = Found(UsedAfterItsEndAmongLocks, at_marks);
  EXPECT_GE(found, kSchedules / 4) << "the user first: 1 in 2";
  EXPECT_LT(Found(UsedAfterItsEndAmongLocks, ByPriority(2)), found / 10);
}

TEST(PrioritySchedules, SameSeedGivesTheSameLog) {
  const auto run = [](uint64_t seed) {
    std::string log;
    SimOptions options = ByPriority(3);
    options.seed = seed;
    options.log = &log;
    SawNothingThenHalf(options);
    return log;
  };
  std::vector<std::string> logs;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    logs.push_back(run(seed));
    EXPECT_EQ(logs.back(), run(seed)) << seed;
  }
  EXPECT_NE(logs.front(), logs.back());
}

// The highest waits for a mutex that the lowest holds: the lowest gets its turn.
TEST(PrioritySchedules, ATaskThatWaitsLetsLowerOnesRun) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimOptions options = ByPriority(2);
    options.seed = seed;
    SimEnv env(options);
    Mutex mu(&env);
    int done = 0;
    const auto work = [&] {
      for (int i = 0; i < 10; ++i) {
        MutexLock lock(&mu);
        Work(&env, 5);
      }
      env.SleepMicros(1);
      ++done;
    };
    {
      const auto a = env.StartThread("a", work);
      const auto b = env.StartThread("b", work);
      work();
    }
    EXPECT_EQ(done, 3);
  }
}

}  // namespace
}  // namespace lsm::sim
