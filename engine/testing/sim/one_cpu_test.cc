#include "testing/sim/one_cpu.h"

#include <gtest/gtest.h>

#include <thread>

namespace lsm::sim {
namespace {

cpu_set_t Allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
  return set;
}

TEST(OneCpu, BindsTheThreadAndThoseItStartsUntilItsEnd) {
  const cpu_set_t before = Allowed();
  {
    const OneCpu one_cpu;
    const cpu_set_t mine = Allowed();
    EXPECT_EQ(CPU_COUNT(&mine), 1);
    cpu_set_t started;
    std::thread([&started] { started = Allowed(); }).join();
    EXPECT_TRUE(CPU_EQUAL(&mine, &started));
  }
  const cpu_set_t after = Allowed();
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(OneCpu, ShortensTheTurnsOfTheThreadAndThoseItStartsUntilItsEnd) {
  const uint64_t before = TurnNanos();
  if (before == 0) GTEST_SKIP() << "this kernel has turns of one length for all threads";
  {
    const OneCpu one_cpu;
    EXPECT_LE(TurnNanos(), before);
    EXPECT_LE(TurnNanos(), 1'000'000U);
    uint64_t started = 0;
    std::thread([&started] { started = TurnNanos(); }).join();
    EXPECT_EQ(started, TurnNanos());
  }
  EXPECT_EQ(TurnNanos(), before);
}

}  // namespace
}  // namespace lsm::sim
