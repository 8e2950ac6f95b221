// IoNames: names operations as addresses do. "The 2nd sync of a log from here" still means the same
// when the trace was made shorter or the engine was changed; "the 17th operation" does not.
// Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "testing/sim/sim_env.h"

namespace lsm::lab {

class IoNames {
 public:
  using Name = std::pair<sim::IoKind, sim::FileRole>;
  using Counts = std::map<Name, uint64_t>;

  // To be told of each operation that changes the disk.
  void OnIo(const sim::IoOperation& io);

  Counts Here() const { return counts_; }
  // The address of the newest operation, counted from where `from` was taken.
  sim::IoAddress NewestSince(const Counts& from) const;

 private:
  Counts counts_;
  Name newest_{};
};

}  // namespace lsm::lab
