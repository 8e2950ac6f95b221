// The oracles of target `filter`, for any filter.
//
//   bytes as a filter    any question is answered, twice the same, without a read out of bounds;
//   bytes as keys        a filter of the keys, at any bits a key, matches them all and keeps to its
//                        size; a filter of no keys matches none.
#pragma once

#include <fmt/format.h>

#include <span>

#include "contract/bloom/concept.h"
#include "fuzz/input.h"
#include "fuzz/target.h"

namespace lsm::fuzz {

template <BloomStage Bloom>
Finding CheckRawFilter(std::string_view bytes) {
  const std::vector<char> copy(bytes.begin(), bytes.end());  // a read behind it is seen
  const std::string_view filter(copy.data(), copy.size());
  for (const std::string_view key : {std::string_view(), bytes.substr(0, 4), bytes}) {
    const uint64_t hash = Bloom::Hash(key);
    const bool matches = Bloom::MayMatch(hash, filter);
    if (matches != Bloom::MayMatch(hash, filter)) return "B-NONEG: two answers to one question";
    if (filter.empty() && !matches) return "B-EMPTY: bytes that are too short exclude a key";
  }
  return "";
}

template <BloomStage Bloom>
Finding CheckBuiltFilter(std::string_view bytes) {
  Input input(bytes);
  const double bits_per_key = 1 + input.Byte() % 40 + input.Byte() / 256.0;
  std::vector<uint64_t> hashes;
  for (const std::string& key : input.Pieces()) hashes.push_back(Bloom::Hash(key));
  std::string filter = "what stood here before";
  Bloom::Build(hashes, bits_per_key, &filter);
  for (const uint64_t hash : hashes) {
    if (!Bloom::MayMatch(hash, filter)) {
      return fmt::format("B-NONEG: {} keys at {} bits a key: one of them is excluded",
                         hashes.size(), bits_per_key);
    }
  }
  const double most = static_cast<double>(hashes.size()) * bits_per_key / 8 + 1 + 16;
  if (static_cast<double>(filter.size()) > most) {
    return fmt::format("B-SIZE: {} bytes for {} keys at {} bits", filter.size(), hashes.size(),
                       bits_per_key);
  }
  Bloom::Build(std::span<const uint64_t>(), bits_per_key, &filter);
  if (Bloom::MayMatch(Bloom::Hash(bytes), filter)) return "B-EMPTY: no keys, but one matches";
  return "";
}

template <BloomStage Bloom>
Finding CheckFilter(std::string_view input) {
  const Finding raw = CheckRawFilter<Bloom>(input);
  return raw.empty() ? CheckBuiltFilter<Bloom>(input) : raw;
}

}  // namespace lsm::fuzz
