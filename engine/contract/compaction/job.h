// The vocabulary of compaction: knobs, job, and what a merge reports. Shared by the stage and its
// caller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/tree.h"

namespace lsm {

struct PickerOptions {
  CompactionPolicy policy = CompactionPolicy::kLeveled;
  FilePick file_pick = FilePick::kRoundRobin;
  int l0_trigger = 4;
  int runs_per_level = 4;
  int tiered_levels = 2;
  uint64_t level1_bytes = uint64_t{10} << 20;
  int size_ratio = 10;
  uint64_t max_file_bytes = uint64_t{2} << 20;
  uint64_t fifo_bytes_max = uint64_t{1} << 30;
  uint64_t ttl_us = 0;                // 0: none
  uint64_t tombstone_age_max_us = 0;  // 0: no limit
};

// The knobs of a database that its picker sees.
inline PickerOptions PickerOptionsOf(const Options& o) {
  PickerOptions picker;
  picker.policy = o.policy;
  picker.file_pick = o.file_pick;
  picker.l0_trigger = o.l0_compaction_trigger;
  picker.runs_per_level = o.runs_per_level;
  picker.tiered_levels = o.tiered_levels;
  picker.level1_bytes = o.level1_bytes;
  picker.size_ratio = o.size_ratio;
  picker.max_file_bytes = o.max_file_bytes;
  picker.fifo_bytes_max = o.fifo_bytes_max;
  picker.ttl_us = o.ttl_us;
  picker.tombstone_age_max_us = o.tombstone_age_max_us;
  return picker;
}

// A run of a level, or some tables of one, in key order.
struct InputRun {
  int level = 0;
  SortedRun files;
};

struct CompactionJob {
  int level = 0;                      // the one that is due
  int output_level = 1;               // `level` or the next
  uint64_t output_run = 0;            // of output_level: joined if it is there, else a new one
  std::vector<InputRun> inputs;       // newest first
  std::vector<FileRef> grandparents;  // of output_level + 1, in key order; limits outputs
  bool trivial_move = false;          // the inputs do not overlap: change their place, copy nothing
  bool expired = false;               // the inputs go, and nothing comes in their place
  bool at_bottom = false;             // rewritten where it stands, so that tombstones can go
  std::string compact_pointer;        // where the next pick of `level` begins; empty: unchanged
  double score = 0;
  std::string reason;  // the rule and its numbers, for a person
};

// The inputs that stand in `level`, newest run first.
inline std::vector<FileRef> InputsOf(const CompactionJob& job, int level) {
  std::vector<FileRef> files;
  for (const InputRun& run : job.inputs) {
    if (run.level == level) files.insert(files.end(), run.files.begin(), run.files.end());
  }
  return files;
}

inline std::vector<FileRef> AllInputs(const CompactionJob& job) {
  std::vector<FileRef> files;
  for (const InputRun& run : job.inputs) {
    files.insert(files.end(), run.files.begin(), run.files.end());
  }
  return files;
}

struct MergeStatistics {
  uint64_t entries_in = 0, entries_out = 0;
  uint64_t shadowed_dropped = 0, tombstones_dropped = 0;

  MergeStatistics& operator+=(const MergeStatistics& other) {
    entries_in += other.entries_in;
    entries_out += other.entries_out;
    shadowed_dropped += other.shadowed_dropped;
    tombstones_dropped += other.tombstones_dropped;
    return *this;
  }
};

// What becomes of one version in a merge.
enum class Survival : uint8_t {
  kKeep,
  kDropShadowed,  // a newer version of the key is visible to every snapshot that could see this one
  kDropTombstone,  // nothing older can lie below, and no snapshot needs it
};

}  // namespace lsm
