// Stage 4 again, on another axis: other bits under another name. A 64-bit hash; the bits are cut
// into as many slices as there are probes and each probe owns one, so that the probes of a key
// never meet; positions come from a multiplication instead of a division.
//
// A filter is k slices of (8 * (size - 1)) / k bits and a last byte k; bits left over stay 0. Pure
// functions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/coding.h"

namespace lsm {

class Bloom {
 public:
  static std::string_view Name() { return "lsm.SlicedBloomFilter"; }

  static uint64_t Hash(std::string_view key) {
    uint64_t h = key.size() * kOdd;
    for (; key.size() >= 8; key.remove_prefix(8)) h = Mix(h ^ DecodeFixed64(key.data()));
    uint64_t tail = 0;
    for (const char c : key) tail = tail << 8 | static_cast<uint8_t>(c);
    return Mix(h ^ tail);
  }

  static void Build(std::span<const uint64_t> hashes, double bits_per_key, std::string* out) {
    constexpr size_t kMinBytes = 7;
    const auto bits = static_cast<size_t>(static_cast<double>(hashes.size()) * bits_per_key);
    const int k = Probes(bits_per_key);
    out->assign(std::max(bits / 8 + 1, kMinBytes), '\0');
    const size_t slice = out->size() * 8 / static_cast<size_t>(k);
    for (uint64_t hash : hashes) {
      for (int i = 0; i < k; ++i, hash = Mix(hash)) {
        const size_t bit = Position(hash, i, slice);
        (*out)[bit / 8] = static_cast<char>((*out)[bit / 8] | 1 << bit % 8);
      }
    }
    out->push_back(static_cast<char>(k));
  }

  static bool MayMatch(uint64_t hash, std::string_view filter) {
    const int k = filter.empty() ? 0 : static_cast<uint8_t>(filter.back());
    const size_t bits = filter.empty() ? 0 : (filter.size() - 1) * 8;
    if (k == 0 || k > kMaxProbes || bits < static_cast<size_t>(k)) return true;  // not one of ours
    for (int i = 0; i < k; ++i, hash = Mix(hash)) {
      const size_t bit = Position(hash, i, bits / static_cast<size_t>(k));
      if ((static_cast<uint8_t>(filter[bit / 8]) >> bit % 8 & 1) == 0) return false;
    }
    return true;
  }

  static double BitsPerKeyFor(double rate) {
    double bits = 1;
    while (bits < 40 && Rate(bits) > rate) bits += 0.25;
    return bits;
  }

 private:
  static constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  static constexpr int kMaxProbes = 28;                 // the optimum at 40 bits a key

  // Bijective, and every bit in reaches every bit out: multiply, fold the high half down, twice.
  static uint64_t Mix(uint64_t x) {
    x *= kOdd;
    x ^= x >> 32;
    x *= kOdd;
    return x ^ x >> 29;
  }
  static int Probes(double bits_per_key) {
    return std::clamp(static_cast<int>(std::lround(bits_per_key * 0.6931)), 1, kMaxProbes);
  }
  static size_t Position(uint64_t hash, int probe, size_t slice) {
    return static_cast<size_t>(probe) * slice + ((hash >> 32) * slice >> 32);
  }
  static double Rate(double bits_per_key) {
    const int k = Probes(bits_per_key);
    return std::pow(1 - std::exp(-k / bits_per_key), k);
  }
};

}  // namespace lsm
