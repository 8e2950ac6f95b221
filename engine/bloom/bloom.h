// Stage 4, the filter: the reference implementation of contract/bloom/concept.h, with LevelDB's
// bits.
//
// A filter is an array of bits and one byte k. Each key sets k bits, at h, h + d, h + 2d, ...
// modulo the number of bits, where d is h rotated (Kirsch, Mitzenmacher, "Less hashing, same
// performance", 2006). Format: docs/formats/bloom.md. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lsm {

class Bloom {
 public:
  static std::string_view Name() { return "leveldb.BuiltinBloomFilter2"; }

  // LevelDB's 32-bit hash.
  static uint64_t Hash(std::string_view user_key);

  // Replaces *out by the filter over keys with these hashes. bits_per_key > 0.
  static void Build(std::span<const uint64_t> hashes, double bits_per_key, std::string* out);

  // False only if no key with this hash is in the filter. Safe for any bytes.
  static bool MayMatch(uint64_t hash, std::string_view filter);

  // The fewest bits a key, in [1, 40], for a false-positive rate of at most `rate`.
  static double BitsPerKeyFor(double rate);
};

}  // namespace lsm
