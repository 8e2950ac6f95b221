// Digest: 64 bits of what was added to it, in order. The same on every machine; of equal digests
// the contents are taken to be equal.
#pragma once

#include <cstdint>
#include <string_view>

#include "testing/sim/disk.h"

namespace lsm::lab {

class Digest {
 public:
  void Add(uint64_t number);
  void Add(std::string_view bytes);  // and how many they are
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0;
};

// All files that are seen, by path, with their bytes.
void AddDisk(const sim::Disk& disk, Digest* digest);

}  // namespace lsm::lab
