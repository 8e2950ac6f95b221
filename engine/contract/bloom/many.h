// Many keys at once, for suites that measure rates over hundreds of thousands of them. A stage is
// asked key by key, unless it lives in another process and offers to take all in one message
// (HashAll, MayMatchAll): then the answers are the same, and the suite still counts them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lsm::testing {

template <class B>
std::vector<uint64_t> HashAll(const std::vector<std::string>& keys) {
  if constexpr (requires { B::HashAll(keys); }) {
    return B::HashAll(keys);
  } else {
    std::vector<uint64_t> hashes;
    for (const std::string& key : keys) hashes.push_back(B::Hash(key));
    return hashes;
  }
}

template <class B>
std::vector<bool> MayMatchAll(std::span<const uint64_t> hashes, std::string_view filter) {
  if constexpr (requires { B::MayMatchAll(hashes, filter); }) {
    return B::MayMatchAll(hashes, filter);
  } else {
    std::vector<bool> matches;
    for (const uint64_t hash : hashes) matches.push_back(B::MayMatch(hash, filter));
    return matches;
  }
}

}  // namespace lsm::testing
