// The keys that an iterator may show, as an interval: what ReadOptions says by bounds and prefix.
// Bytewise order alone. Thread-safe: values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lsm/options.h"

namespace lsm {

// The first key behind all keys that begin with `prefix`; none if there is no such key (a prefix of
// 0xff bytes, or the empty one).
std::optional<std::string> PrefixEnd(std::string_view prefix);

// [lower, upper), copied; none: open.
struct ReadBounds {
  ReadBounds() = default;
  explicit ReadBounds(const ReadOptions& options);

  std::optional<std::string> lower, upper;
};

// As the engine's interfaces take a bound: null data() is open. Of the string's bytes.
inline std::string_view BoundView(const std::optional<std::string>& bound) {
  return bound.has_value() ? std::string_view(*bound) : std::string_view();
}

}  // namespace lsm
