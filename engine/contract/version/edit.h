// VersionEdit: one atomic change of the tree, as the caller states it. Its bytes are the stage's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "format/tree.h"

namespace lsm {

// File and log numbers are below it, the next file number is at most it. More is damage: the
// counter must never wrap.
inline constexpr uint64_t kFileNumberLimit = uint64_t{1} << 62;

struct VersionEdit {
  std::optional<std::string> comparator;
  std::optional<uint64_t> log_number;  // logs below it are obsolete
  std::optional<uint64_t> next_file_number;
  std::optional<SequenceNumber> last_sequence;
  // LevelDB wrote the edit: last_sequence is the newest number in use, not that of the newest
  // update in a table. In the bytes: a previous log number, which is 0.
  bool sequence_runs_ahead = false;
  std::vector<std::pair<int, std::string>> compact_pointers;  // level, internal key
  std::vector<std::pair<int, uint64_t>> removed;              // level, file number
  std::vector<std::pair<int, FileMeta>> added;                // level, table
};

// What the version stage needs to know of its surroundings.
struct VersionOptions {
  Env* env = nullptr;
  std::string dir;
  const Comparator* comparator = nullptr;
  int num_levels = kMaxLevels;
  // Null, or called by Recover for each table of the tree: to fill in what the manifest does not
  // hold. Its error ends Recover.
  std::function<Status(FileMeta*)> complete{};
};

}  // namespace lsm
