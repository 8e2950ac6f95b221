// Where the blocks of a table stand, found without the stage: for seeds of target `block` and to
// make checksums of mutated tables right again. Format: docs/formats/sstable.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lsm::fuzz {

struct BlockPlace {
  size_t offset = 0;
  size_t size = 0;  // without the trailer of type and checksum
};

// Blocks that the footer and the uncompressed index and metaindex name, as far as they lie in the
// file.
std::vector<BlockPlace> BlocksOf(std::string_view table);

// Makes the checksums of the blocks right, the index first.
void RepairTable(std::string* table);

}  // namespace lsm::fuzz
