// A snapshot: the state of the database at one sequence number, kept readable until released.
#pragma once

#include <cstdint>

namespace lsm {

class Snapshot {
 public:
  // The last sequence number that this snapshot sees.
  virtual uint64_t sequence() const = 0;

 protected:
  virtual ~Snapshot() = default;  // released by DB::ReleaseSnapshot alone
};

}  // namespace lsm
