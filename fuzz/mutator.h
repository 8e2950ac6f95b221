// Mutations without libFuzzer: a pure function of seed and index, the same under every compiler.
// They follow no coverage; they are the smoke of builds without clang, and a row of lsm-verify.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/target.h"

namespace lsm::fuzz {

// The index-th mutation of the corpus, which is not empty: one to four changes of one of its
// inputs, every second time with checksums made right again.
std::string MutationAt(const Target& target, const std::vector<std::string>& corpus, uint64_t seed,
                       uint64_t index);

}  // namespace lsm::fuzz
