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

}  // namespace
}  // namespace lsm::sim
