// Precedence: a growing set of facts "a stands before b" over acts 0 ... n-1, closed under
// transitivity.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "testing/linearizable.h"

namespace lsm::lab {

class Precedence {
 public:
  explicit Precedence(size_t acts);

  // What is known before the first fact. All of it together must be transitive.
  void Given(size_t a, size_t b);
  bool Before(size_t a, size_t b) const { return Bit(behind_[a], b); }
  // Notes the fact, if it is news, and all that follows. False if it contradicts what is known.
  bool Add(const Fact& fact);
  const std::vector<Fact>& facts() const { return facts_; }

 private:
  using Bits = std::vector<uint64_t>;

  static bool Bit(const Bits& bits, size_t i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }
  static void Set(Bits* bits, size_t i) { (*bits)[i / 64] |= uint64_t{1} << (i % 64); }

  std::vector<Bits> behind_;  // of each act, those that stand behind it
  std::vector<Bits> before_;
  std::vector<Fact> facts_;
};

}  // namespace lsm::lab
