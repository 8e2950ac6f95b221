// The compaction policies that traces are generated with.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace lsm::lab {

inline constexpr size_t kPolicies = 5;
// In the order of CompactionPolicy.
inline constexpr std::array<const char*, kPolicies> kPolicyNames = {
    "leveled", "tiered", "lazy_leveled", "hybrid", "fifo"};

// The values of option `policy` that this build's compaction stage supports.
const std::vector<std::string>& Policies();
// But for fifo, under which data goes by itself.
const std::vector<std::string>& KeepingPolicies();

}  // namespace lsm::lab
