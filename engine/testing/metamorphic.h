// Metamorphic runs: the same operations under many option sets, each reopen under another one, give
// one history of answers. An option may change where data lies and when it moves, never what is
// read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "testing/runner.h"
#include "testing/trace.h"

namespace lsm::lab {

struct OptionSet {
  std::string name;
  TraceOptions options;
};

// Each turns one thing to an extreme: "tiny_blocks", "no_filter", ...
// What a set does not name stays as it was before a reopen.
std::vector<OptionSet> NamedOptionSets();
OptionSet RandomOptionSet(uint64_t seed);  // "random_SEED"

// The operations of `base`, begun under sets[first]; each reopen moves on to another set. Without
// deletefiles: what that takes away depends on where data lies.
Trace UnderOptions(const Trace& base, const std::vector<OptionSet>& sets, size_t first);

struct MetamorphicReport {
  uint64_t runs = 0;
  uint64_t answers = 0;         // compared
  std::optional<Trace> failed;  // judged wrong by RunTrace
  std::string difference;       // of two histories; empty: none
};

// Runs `base`, a trace of one client without crashes and faults, under every set. Ends at the first
// failure or difference. on_trace is told of each trace before it runs.
MetamorphicReport RunUnderAll(const Trace& base, const std::vector<OptionSet>& sets,
                              const std::function<void(const Trace&)>& on_trace,
                              const RunOptions& run = {});

}  // namespace lsm::lab
