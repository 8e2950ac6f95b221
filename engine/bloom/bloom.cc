#include <stage/bloom/bloom.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/coding.h"

namespace lsm {
namespace {

constexpr int kMaxProbes = 30;      // a larger k marks an encoding not known here
constexpr size_t kMinBits = 64;     // a filter of few keys would say "maybe" too often
constexpr double kLn2Below = 0.69;  // LevelDB's ln 2: k = bits a key * ln 2 is the optimum

int Probes(double bits_per_key) {
  return static_cast<int>(std::clamp(bits_per_key * kLn2Below, 1.0, double{kMaxProbes}));
}

uint32_t Step(uint32_t hash) { return hash >> 17 | hash << 15; }

// The rate that k independent bits a key give, for many keys.
double ModelRate(double bits_per_key) {
  const int k = Probes(bits_per_key);
  return std::pow(1 - std::exp(-k / bits_per_key), k);
}

}  // namespace

uint64_t Bloom::Hash(std::string_view user_key) {
  constexpr uint32_t kSeed = 0xbc9f1d34;
  constexpr uint32_t kMultiplier = 0xc6a4a793;
  const char* p = user_key.data();
  size_t left = user_key.size();
  uint32_t h = kSeed ^ static_cast<uint32_t>(left) * kMultiplier;
  for (; left >= 4; left -= 4, p += 4) {
    h = (h + DecodeFixed32(p)) * kMultiplier;
    h ^= h >> 16;
  }
  if (left > 0) {
    for (size_t i = 0; i < left; ++i) h += uint32_t{static_cast<uint8_t>(p[i])} << (8 * i);
    h *= kMultiplier;
    h ^= h >> 24;
  }
  return h;
}

void Bloom::Build(std::span<const uint64_t> hashes, double bits_per_key, std::string* out) {
  LSM_DCHECK(bits_per_key > 0);
  const auto wanted = static_cast<size_t>(static_cast<double>(hashes.size()) * bits_per_key);
  const size_t bytes = (std::max(wanted, kMinBits) + 7) / 8;
  const size_t bits = bytes * 8;
  const int probes = Probes(bits_per_key);

  out->assign(bytes, '\0');
  for (const uint64_t hash : hashes) {
    auto h = static_cast<uint32_t>(hash);
    const uint32_t step = Step(h);
    for (int i = 0; i < probes; ++i, h += step) {
      const size_t bit = h % bits;
      (*out)[bit / 8] = static_cast<char>((*out)[bit / 8] | 1 << bit % 8);
    }
  }
  out->push_back(static_cast<char>(probes));
}

bool Bloom::MayMatch(uint64_t hash, std::string_view filter) {
  if (filter.size() < 2) return true;
  const auto probes = static_cast<uint8_t>(filter.back());
  if (probes > kMaxProbes) return true;
  const size_t bits = (filter.size() - 1) * 8;
  auto h = static_cast<uint32_t>(hash);
  const uint32_t step = Step(h);
  for (int i = 0; i < probes; ++i, h += step) {
    const size_t bit = h % bits;
    if ((static_cast<uint8_t>(filter[bit / 8]) >> bit % 8 & 1) == 0) return false;
  }
  return true;
}

double Bloom::BitsPerKeyFor(double rate) {
  constexpr double kMin = 1, kMax = 40, kGrain = 0.125;
  double bits = kMin;
  while (bits < kMax && ModelRate(bits) > rate) bits += kGrain;
  return bits;
}

}  // namespace lsm
