// Target filter: the input is a filter as a table holds it, and then the keys of one.
#include "fuzz/filter_check.h"

#include <stage/bloom/bloom.h>

#include "fuzz/explain.h"

namespace lsm::fuzz {
namespace {

std::vector<std::string> FilterSeeds() {
  std::vector<std::string> seeds;
  std::vector<uint64_t> hashes;
  std::string keys = {10, 0};  // bits a key, then pieces
  for (int i = 0; i < 24; ++i) {
    const std::string key = "key" + std::to_string(i);
    hashes.push_back(Bloom::Hash(key));
    keys += static_cast<char>(key.size()) + key;
    Bloom::Build(hashes, 1 + i, &seeds.emplace_back());
  }
  seeds.push_back(keys);
  return seeds;
}

}  // namespace

Target FilterTarget() {
  return {.name = "filter",
          .about = "a filter: no key that was added is excluded, any bytes are safe to ask",
          .max_bytes = size_t{4} << 10,
          .check = CheckFilter<Bloom>,
          .seeds = FilterSeeds,
          .explain = HexDump};
}

}  // namespace lsm::fuzz
