// SplitMix64: the simulated world's only source of chance. The same numbers on every platform.
#pragma once

#include <cstdint>

namespace lsm::sim {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  // In [0, n), n > 0. The bias of the remainder is below n / 2^64: of no weight for schedules.
  uint64_t Below(uint64_t n) { return Next() % n; }
  bool OneIn1024(uint32_t times) { return (Next() & 1023) < times; }

 private:
  uint64_t state_;
};

}  // namespace lsm::sim
