// A random history of updates, and the answer to "which prefix of it is this?". The same history is
// written by one engine and read by the other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lsm::interop {

struct Update {
  std::string key;
  std::optional<std::string> value;  // none: delete
};

using Model = std::map<std::string, std::string>;
// Updates that are written together: a batch, or a single one.
using History = std::vector<std::vector<Update>>;

// About `updates` updates over `keys` keys; values of 0 to 100 bytes, half of them compressible;
// one group in ten is a batch of several. A function of its arguments alone.
History MakeHistory(uint64_t seed, size_t updates, size_t keys);

Model StateAfter(const History& history, size_t groups);

// The largest n such that the first n groups give exactly `state`; none if no prefix does.
std::optional<size_t> PrefixOf(const History& history, const Model& state);

}  // namespace lsm::interop
