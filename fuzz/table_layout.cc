#include "fuzz/table_layout.h"

#include <optional>

#include "base/coding.h"
#include "base/crc32c.h"

namespace lsm::fuzz {
namespace {

constexpr size_t kFooterBytes = 48;
constexpr size_t kTrailerBytes = 5;  // type, masked checksum
constexpr size_t kMaxBlocks = 1000;

// Takes a handle off the front; none if it is cut off or its block is not in the file.
std::optional<BlockPlace> TakeHandle(std::string_view* bytes, std::string_view table) {
  uint64_t offset = 0, size = 0;
  if (!GetVarint64(bytes, &offset) || !GetVarint64(bytes, &size)) return std::nullopt;
  if (offset > table.size() || size > table.size() - offset) return std::nullopt;
  if (table.size() - offset - size < kTrailerBytes) return std::nullopt;
  return BlockPlace{offset, size};
}

// The handles that stand as values in an uncompressed block.
void AddHandlesIn(const BlockPlace& block, std::string_view table,
                  std::vector<BlockPlace>* places) {
  std::string_view rest = table.substr(block.offset, block.size);
  uint32_t shared = 0, unshared = 0, value_bytes = 0;
  while (places->size() < kMaxBlocks && GetVarint32(&rest, &shared) &&
         GetVarint32(&rest, &unshared) && GetVarint32(&rest, &value_bytes) &&
         unshared <= rest.size() && value_bytes <= rest.size() - unshared) {
    std::string_view value = rest.substr(unshared, value_bytes);
    rest.remove_prefix(size_t{unshared} + value_bytes);
    if (const auto place = TakeHandle(&value, table)) places->push_back(*place);
  }
}

}  // namespace

std::vector<BlockPlace> BlocksOf(std::string_view table) {
  std::vector<BlockPlace> places;
  if (table.size() < kFooterBytes) return places;
  std::string_view footer = table.substr(table.size() - kFooterBytes);
  const auto metaindex = TakeHandle(&footer, table);
  const auto index = TakeHandle(&footer, table);
  for (const auto& block : {index, metaindex}) {
    if (!block.has_value()) continue;
    places.push_back(*block);
    AddHandlesIn(*block, table, &places);
  }
  return places;
}

void RepairTable(std::string* table) {
  for (const BlockPlace& block : BlocksOf(*table)) {
    const std::string_view covered(table->data() + block.offset, block.size + 1);
    EncodeFixed32(table->data() + block.offset + covered.size(),
                  crc32c::Mask(crc32c::Value(covered)));
  }
}

}  // namespace lsm::fuzz
