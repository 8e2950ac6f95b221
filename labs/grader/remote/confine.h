// What a process with somebody else's code may do: compute, use some memory and threads, and talk
// over the sockets that it was given. Everything else is the kernel's to refuse.
//
//   files       none can be opened; opening one to write, renaming, removing ends the process
//   processes   starting one, or touching another one, ends the process
//   network     making a socket ends the process
//   memory      an address space of kMaxMemory_bytes
//   time        kMaxCpu_s of processor time
//   output      kMaxOutput_bytes into the file that it got as standard output and error
//
// The limits outlive exec. Where the caller is root, the process gets a user id of its own first.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace lsm::remote {

inline constexpr uint64_t kMaxMemory_bytes = uint64_t{2} << 30;
inline constexpr uint64_t kMaxCpu_s = 120;
inline constexpr uint64_t kMaxOutput_bytes = 1 << 20;

// For a child between fork and exec: takes no lock and allocates nothing. `self` is its process id.
// False: something could not be set up, and nothing may be run.
bool ConfineThisProcess(pid_t self);

}  // namespace lsm::remote
