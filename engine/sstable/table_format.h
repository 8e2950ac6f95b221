// What the table's builder and reader share: block handles, block trailers, the footer and the name
// of the filter's entry. Format: docs/formats/sstable.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm::table_format {

// Behind each block: the compression type, then the masked CRC-32C of the stored contents and type.
inline constexpr size_t kTrailerBytes = 1 + sizeof(uint32_t);
inline constexpr size_t kMaxHandleBytes = 2 * kMaxVarint64Bytes;
inline constexpr uint64_t kMagic = 0xdb4775248b80fb57;
// Two handles, zeros up to their longest form, the magic number.
inline constexpr size_t kFooterBytes = 2 * kMaxHandleBytes + sizeof(kMagic);
static_assert(kFooterBytes == 48);

inline constexpr std::string_view kFactsName = "lsm.facts";
inline constexpr std::string_view kFilterPrefix = "lsm.filter.";

// Where a block stands in the file.
struct BlockHandle {
  uint64_t offset = 0;
  uint64_t size = 0;  // of the stored contents, without the trailer

  void AppendTo(std::string* dst) const;
  // Takes a handle off the front of *input; false if it is damaged.
  bool TakeFrom(std::string_view* input);
  // True if the block and its trailer lie in the first `limit` bytes; safe for any numbers.
  bool FitsIn(uint64_t limit) const;
  uint64_t End() const { return offset + size + kTrailerBytes; }  // requires FitsIn
};

struct Footer {
  BlockHandle metaindex;
  BlockHandle index;

  std::string Encode() const;
  // False if the handles or the magic number are damaged. `bytes` are the last kFooterBytes.
  bool Decode(std::string_view bytes);
};

// The trailer of a block with these stored contents.
std::string EncodeTrailer(std::string_view stored, Compression type);

// Whether the checksum of a stored block, trailer included, is right. Requires kTrailerBytes.
bool ChecksumMatches(std::string_view stored_and_trailer);

}  // namespace lsm::table_format
