// OneCpu: keeps the calling thread, and the threads that it starts, on one processor while it
// lives.
//
// In a simulated world one task runs at a time, so a second processor gains nothing, and waking a
// thread on another one takes ten times as long as on the same: a run with several clients was
// measured at 14 to 47 ms on two processors, and 4 ms on one. It decides nothing: without the right
// to choose a processor a run gives the same result, later.
// Made and destroyed by the same thread.
#pragma once

#include <sched.h>

namespace lsm::sim {

class OneCpu {
 public:
  OneCpu();
  ~OneCpu();
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_;
  bool bound_ = false;
};

}  // namespace lsm::sim
