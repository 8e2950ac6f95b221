#include "testing/sim/one_cpu.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace lsm::sim {
namespace {

constexpr uint64_t kShortTurnNanos = 100'000;  // the shortest that Linux grants

// struct sched_attr of sched_setattr(2), which the C library may lack.
struct Attributes {
  uint32_t size = sizeof(Attributes);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime_ns = 0;
  uint64_t deadline_ns = 0;
  uint64_t period_ns = 0;
};

bool Read(Attributes* attributes) {
  return syscall(SYS_sched_getattr, 0, attributes, sizeof(*attributes), 0) == 0 &&
         attributes->policy == SCHED_OTHER;
}

// All else stays as it is.
bool SetTurn(uint64_t nanos) {
  Attributes attributes;
  if (!Read(&attributes)) return false;
  attributes.runtime_ns = nanos;
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

}  // namespace

uint64_t TurnNanos() {
  Attributes attributes;
  return Read(&attributes) ? attributes.runtime_ns : 0;
}

OneCpu::OneCpu() : turn_before_ns_(TurnNanos()) {
  short_turns_ = turn_before_ns_ > 0 && SetTurn(kShortTurnNanos);
  const int cpu = sched_getcpu();
  if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(cpu, &here);
  bound_ = sched_setaffinity(0, sizeof(here), &here) == 0;
}

OneCpu::~OneCpu() {
  if (bound_) sched_setaffinity(0, sizeof(before_), &before_);
  if (short_turns_) SetTurn(turn_before_ns_);
}

}  // namespace lsm::sim
