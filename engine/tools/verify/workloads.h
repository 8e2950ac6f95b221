// The named workloads of crash_tests/workloads, short traces that each lead to one kind of
// situation, and their variants: how the log is synced, plain or mapped files, and writes one by
// one or joined into batches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lsm/status.h"
#include "testing/trace.h"

namespace lsm::lab {

struct Workload {
  std::string name;  // of the file, without ".trace"
  Trace trace;
};

// From the source tree, in the order of their names. Errors name the file.
Result<std::vector<Workload>> LoadWorkloads();

inline constexpr uint64_t kVariants = 12;
Trace VariantOf(const Trace& workload, uint64_t variant);

// All variants of all workloads, ordered so that a part from the beginning has all workloads and
// many variants.
std::vector<Trace> AllVariants(const std::vector<Workload>& workloads);

}  // namespace lsm::lab
