// Stage 4, the filter: says "certainly not here" for most absent keys. A stage provides, in
// namespace lsm, <stage/bloom/bloom.h> with Bloom. Keys are user keys.
//
//   B-NONEG   MayMatch(Hash(k), f) is true for every key whose hash was in the list that built f.
//   B-RATE    With b bits a key the false-positive rate over absent keys is at most 1.6 x the
//             optimum 0.6185^b, measured over 10,000 keys, for b in [4, 20].
//   B-EMPTY   A filter of no keys matches nothing. Any bytes are safe to ask: a filter that is too
//             short or unknown matches everything, never reads out of bounds.
//   B-SIZE    The filter takes at most b bits a key, rounded up to a byte, plus 16 bytes (and at
//             least 8 bytes in all).
//   B-NAME    The name changes whenever the same keys give other bits. LevelDB's bits bear the name
//             "leveldb.BuiltinBloomFilter2".
//   B-BITS    BitsPerKeyFor(r) gives a b in [1, 40] at which the rate is at most r, to within 10 %.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lsm {

template <class B>
concept BloomStage = requires(std::string_view key, uint64_t hash, std::string_view filter,
                              std::span<const uint64_t> hashes, double bits_per_key, double rate,
                              std::string* out) {
  { B::Name() } -> std::convertible_to<std::string_view>;
  { B::Hash(key) } -> std::same_as<uint64_t>;  // once a lookup; reused for every table
  B::Build(hashes, bits_per_key, out);         // replaces *out
  { B::MayMatch(hash, filter) } -> std::same_as<bool>;
  { B::BitsPerKeyFor(rate) } -> std::same_as<double>;
};

}  // namespace lsm
