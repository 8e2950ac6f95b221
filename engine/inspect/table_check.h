// The check of one table: first every block by its checksum, so that each damaged block is listed
// and not only the first; if all are sound, the stage's own reader goes over the entries.
//
// The blocks are found here anew, from footer and index, not by the stage. Format:
// docs/formats/sstable.md. Memory: the file's largest block. Pure functions of the file's bytes.
#pragma once

#include <cstdint>
#include <string>

#include "format/internal_key.h"
#include "format/tree.h"
#include "inspect/findings.h"
#include "lsm/env.h"

namespace lsm::inspect {

struct TableCounts {
  uint64_t tables = 0, blocks = 0, entries = 0;
  uint64_t uncounted = 0;  // tables whose entries were not all read, for damage
};

// `stated` is what the manifest says of the table; null: nothing is known. Adds to *counts.
void CheckTable(Env* env, const std::string& path, const InternalKeyComparator& cmp,
                const FileMeta* stated, Findings* findings, TableCounts* counts);

}  // namespace lsm::inspect
