#include "testing/sim/one_cpu.h"

namespace lsm::sim {

OneCpu::OneCpu() {
  const int cpu = sched_getcpu();
  if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(cpu, &here);
  bound_ = sched_setaffinity(0, sizeof(here), &here) == 0;
}

OneCpu::~OneCpu() {
  if (bound_) sched_setaffinity(0, sizeof(before_), &before_);
}

}  // namespace lsm::sim
