// JobClass: what a background thread is at, the most urgent first. A full memtable stops writers at
// once, level 0 a little later, a deeper level never.
#pragma once

#include <cstddef>
#include <cstdint>

#include "contract/compaction/job.h"

namespace lsm {

enum class JobClass : uint8_t { kFlush, kLevel0, kDeeper };

inline constexpr size_t kJobClasses = 3;

inline JobClass ClassOf(const CompactionJob& job) {
  return job.level == 0 ? JobClass::kLevel0 : JobClass::kDeeper;
}

}  // namespace lsm
