// Ranks in [0, n) of which rank r is drawn in proportion to 1 / (r + 1)^0.99, the skew of YCSB.
// Gray et al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994), figure 6.
//
// The numbers depend on the machine's pow(): nothing that must be the same everywhere draws from
// it. Immutable, so thread-safe; construction is linear in n.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "testing/sim/random.h"

namespace lsm::lab {

class Zipfian {
 public:
  explicit Zipfian(uint64_t n) : n_(n) {
    for (uint64_t i = 1; i <= n; ++i) zeta_ += 1 / std::pow(static_cast<double>(i), kTheta);
    const double zeta2 = 1 + std::pow(0.5, kTheta);
    eta_ = (1 - std::pow(2.0 / static_cast<double>(n), 1 - kTheta)) / (1 - zeta2 / zeta_);
  }
  uint64_t Draw(sim::Random* random) const {
    const double u = static_cast<double>(random->Next() >> 11) * 0x1.0p-53;
    if (u * zeta_ < 1) return 0;
    if (u * zeta_ < 1 + std::pow(0.5, kTheta)) return 1;
    const double rank = static_cast<double>(n_) * std::pow(eta_ * u - eta_ + 1, 1 / (1 - kTheta));
    return std::min(static_cast<uint64_t>(rank), n_ - 1);
  }

 private:
  static constexpr double kTheta = 0.99;
  const uint64_t n_;
  double zeta_ = 0, eta_ = 0;
};

}  // namespace lsm::lab
