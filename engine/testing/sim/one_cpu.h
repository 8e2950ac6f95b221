// OneCpu: keeps the calling thread, and the threads that it starts, on one processor and in short
// turns while it lives.
//
// In a simulated world one task runs at a time, so a second processor gains nothing, and waking a
// thread on another one takes ten times as long as on the same: a run with several clients was
// measured at 14 to 47 ms on two processors, and 4 ms on one. On a busy machine every task switch
// waits for the turns of other programs: a thread that asks for short turns gets them sooner, and
// no more of the processor (Linux 6.12; measured among sixteen compilers: 1.2 s instead of 13 s).
// It decides nothing: without the right to any of this a run gives the same result, later.
// Made and destroyed by the same thread.
#pragma once

#include <sched.h>

#include <cstdint>

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
  uint64_t turn_before_ns_ = 0;
  bool short_turns_ = false;
};

// The turn that the scheduler gives the calling thread; 0: it does not tell.
uint64_t TurnNanos();

}  // namespace lsm::sim
