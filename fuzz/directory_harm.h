// Harm: what the input of target `directory` does to the files of a real database.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/real_files.h"

namespace lsm::fuzz {

using Files = std::map<std::string, std::string>;  // by name

struct Harm {
  const RealDatabase* database = nullptr;
  bool repair = false;             // DB::Repair comes before the open
  Files files;                     // as they are left
  std::vector<std::string> steps;  // what was done, for a person
  std::set<FileKind> changed;      // kinds of files that are no longer what was written

  bool Changed(FileKind kind) const { return changed.contains(kind); }
  bool OnlyTablesChanged() const;
};

Harm DecodeHarm(std::string_view input);

// Commits that an open which succeeds must show, by the logs alone: all whose records stand before
// the first harm, and all that a proof which is still whole, wherever it stands, says were synced
// (docs/formats/wal.md).
size_t CommitsInLogs(const Harm& harm);

}  // namespace lsm::fuzz
