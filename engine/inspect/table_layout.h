// A table file as the inspecting tools see it, written anew from docs/formats/sstable.md: they must
// judge the files of any sstable stage, so they use none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/coding.h"

namespace lsm::inspect {

inline constexpr uint64_t kTableMagic = 0xdb4775248b80fb57;
inline constexpr uint64_t kFooterBytes = 48;  // two handles, padding, magic
inline constexpr uint64_t kMagicBytes = 8;
inline constexpr uint64_t kTrailerBytes = 5;  // compression, checksum

// Where a block stands in the file, without its trailer.
struct BlockHandle {
  uint64_t offset = 0;
  uint64_t size = 0;

  // Takes a handle off the front of *in; false if it is damaged.
  bool TakeFrom(std::string_view* in) { return GetVarint64(in, &offset) && GetVarint64(in, &size); }
  // True if the block and its trailer lie in the first `limit` bytes; safe for any numbers.
  bool FitsIn(uint64_t limit) const {
    return limit >= kTrailerBytes && size <= limit - kTrailerBytes &&
           offset <= limit - kTrailerBytes - size;
  }
};

// Takes both handles off the front of the last kFooterBytes of a table; false if they are damaged.
// The magic number is the caller's to look at.
bool TakeFooter(std::string_view footer, BlockHandle* metaindex, BlockHandle* index);

// Appends the handles that the entries of an index or metaindex block hold. `stored` is the block
// and the compression byte behind it. False if it makes no sense; handles before that place are
// appended.
bool HandlesOf(std::string_view stored, std::vector<BlockHandle>* handles);

// The blocks that footer, index and metaindex name, as far as they lie in the file; the index
// first.
std::vector<BlockHandle> BlocksOf(std::string_view table);

// Makes the checksums of these blocks right, whatever is in them: for tests and fuzz targets.
void SealTable(std::string* table);

}  // namespace lsm::inspect
