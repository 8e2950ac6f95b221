// The bytes of TableFacts, as they stand in a table: docs/formats/sstable.md.
#pragma once

#include <string>
#include <string_view>

#include "format/tree.h"

namespace lsm {

std::string EncodeFacts(const TableFacts& facts);

// False if the bytes are cut off. What stands behind the known fields is left alone: a later engine
// may add some.
bool DecodeFacts(std::string_view bytes, TableFacts* facts);

}  // namespace lsm
