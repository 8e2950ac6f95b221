// The keys and values that all engines get: functions of numbers, the same in every run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lsm::bench {

inline constexpr size_t kKeyBytes = 16;

// Key of number i in ascending order: 16 digits.
void SequentialKey(uint64_t i, std::string* key);
// Key of number i < 2^53, scattered: different for different numbers, in no order. So loading 0,
// 1, 2 ... is a load in random order, and numbers that were not loaded are missing keys that lie
// between those that were.
void ScatteredKey(uint64_t i, std::string* key);

// Values of one size. Which it is stands in the first 8 bytes, if it has so many. Immutable, so
// thread-safe.
class Values {
 public:
  // `entropy`: the part of a value's bytes that no compression can save, in [0, 1].
  Values(size_t bytes, double entropy);

  // The value that update number `stamp` writes.
  void Make(uint64_t stamp, std::string* value) const;

 private:
  const size_t bytes_;
  std::string pool_;  // values are windows of it
};

// A number for what a lookup or a step of a cursor answered; cheap, so that it does not count in a
// measurement. Sums of it are compared between engines.
uint64_t AnswerSum(std::string_view key, bool found, std::string_view value);

}  // namespace lsm::bench
