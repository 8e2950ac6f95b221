// Where the blocks of a table stand, found without the stage: for seeds of target `block` and to
// make checksums of mutated tables right again. Format: docs/formats/sstable.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/table_layout.h"

namespace lsm::fuzz {

// Blocks that the footer, the index and the metaindex name, as far as they lie in the file.
std::vector<inspect::BlockHandle> BlocksOf(std::string_view table);

// Makes the checksums of the blocks right, the index first.
void RepairTable(std::string* table);

}  // namespace lsm::fuzz
