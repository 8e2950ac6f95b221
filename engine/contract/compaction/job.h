// The vocabulary of compaction: knobs, job, and what a merge reports. Shared by the stage and its
// caller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/tree.h"

namespace lsm {

enum class CompactionPolicy : uint8_t { kLeveled };

struct PickerOptions {
  CompactionPolicy policy = CompactionPolicy::kLeveled;
  int l0_trigger = 4;
  uint64_t level1_bytes = uint64_t{10} << 20;
  int size_ratio = 10;
  uint64_t max_file_bytes = uint64_t{2} << 20;
};

struct CompactionJob {
  int level = 0;
  int output_level = 1;
  std::vector<FileRef> inputs;        // of `level`; level 0: newest first
  std::vector<FileRef> next_inputs;   // of `output_level`, in key order
  std::vector<FileRef> grandparents;  // of output_level + 1, below all inputs; limits outputs
  bool trivial_move = false;          // one input, no overlap: change its level, copy nothing
  std::string compact_pointer;        // where the next pick of `level` begins; empty: unchanged
  double score = 0;
  std::string reason;  // the rule and its numbers, for a person
};

struct MergeStatistics {
  uint64_t entries_in = 0, entries_out = 0;
  uint64_t shadowed_dropped = 0, tombstones_dropped = 0;
};

// What becomes of one version in a merge.
enum class Survival : uint8_t {
  kKeep,
  kDropShadowed,  // a newer version of the key is visible to every snapshot that could see this one
  kDropTombstone,  // nothing older can lie below, and no snapshot needs it
};

}  // namespace lsm
