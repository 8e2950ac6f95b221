// What the machine says about this process and about itself, from /proc and getrusage.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lsm/env.h"

namespace lsm::bench {

// Since the process began.
struct ProcessUse {
  uint64_t cpu_us = 0;         // user and system, all threads
  uint64_t written_bytes = 0;  // dirtied for storage, through write() or a mapping; 0 on tmpfs
};
ProcessUse UseNow();

// Monotonic nanoseconds, below a microsecond as well: Env's clock is too coarse for a lookup.
uint64_t NowNanos();

struct Memory {
  uint64_t peak_bytes = 0;  // resident, mapped files included
  uint64_t anonymous_bytes = 0;
};
Memory MemoryNow();

// Looks at the anonymous memory every 20 ms, as the kernel keeps no peak of it.
class AnonymousPeak {
 public:
  AnonymousPeak();
  ~AnonymousPeak();
  AnonymousPeak(const AnonymousPeak&) = delete;
  AnonymousPeak& operator=(const AnonymousPeak&) = delete;

  uint64_t bytes();  // the highest that was seen, now included

 private:
  struct State;
  const std::unique_ptr<State> state_;
  std::unique_ptr<Thread> thread_;
};

struct Machine {
  std::string cpu, kernel;
  uint64_t cpus = 0, memory_bytes = 0;
  std::string load;  // the load averages: a busy machine measures nothing
  std::string compiler;
  bool optimised = false;  // this program, with NDEBUG
};
Machine DescribeMachine();

// The shared library of this process whose file name contains `part`, with its path.
struct Library {
  std::string path;
  bool assertions = false;  // it was built with them, as Debian's packages are
};
Library FindLibrary(std::string_view part);

}  // namespace lsm::bench
