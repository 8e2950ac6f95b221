#include "inspect/table_layout.h"

#include <algorithm>
#include <iterator>

#include "base/crc32c.h"
#include "format/codec.h"

namespace lsm::inspect {

bool TakeFooter(std::string_view footer, BlockHandle* metaindex, BlockHandle* index) {
  return metaindex->TakeFrom(&footer) && index->TakeFrom(&footer);
}

bool HandlesOf(std::string_view stored, std::vector<BlockHandle>* handles) {
  const auto codec = static_cast<Compression>(stored.back());
  std::string contents;
  if (!Uncompress(codec, stored.substr(0, stored.size() - 1), &contents).ok()) return false;
  if (contents.size() < 4) return false;
  const uint64_t restarts = DecodeFixed32(contents.data() + contents.size() - 4);
  if (restarts > (contents.size() - 4) / 4) return false;
  std::string_view rest(contents.data(), contents.size() - 4 - 4 * restarts);
  while (!rest.empty()) {
    // Keys do not matter here, so that prefixes need not be put together.
    uint64_t shared = 0, unshared = 0, value_bytes = 0;
    if (!GetVarint64(&rest, &shared) || !GetVarint64(&rest, &unshared) ||
        !GetVarint64(&rest, &value_bytes) || unshared > rest.size() ||
        value_bytes > rest.size() - unshared) {
      return false;
    }
    std::string_view value = rest.substr(unshared, value_bytes);
    rest.remove_prefix(unshared + value_bytes);
    BlockHandle handle;
    if (!handle.TakeFrom(&value)) return false;
    handles->push_back(handle);
  }
  return true;
}

std::vector<BlockHandle> BlocksOf(std::string_view table) {
  constexpr size_t kMaxBlocks = 1000;
  std::vector<BlockHandle> blocks;
  if (table.size() < kFooterBytes) return blocks;
  const auto lies_in_file = [&table](const BlockHandle& b) { return b.FitsIn(table.size()); };
  const std::string_view footer = table.substr(table.size() - kFooterBytes);
  BlockHandle metaindex, index;
  if (!TakeFooter(footer, &metaindex, &index)) return blocks;
  for (const BlockHandle& block : {index, metaindex}) {
    if (!lies_in_file(block)) continue;
    std::vector<BlockHandle> named;
    HandlesOf(table.substr(block.offset, block.size + 1), &named);
    blocks.push_back(block);
    std::copy_if(named.begin(), named.end(), std::back_inserter(blocks), lies_in_file);
  }
  if (blocks.size() > kMaxBlocks) blocks.resize(kMaxBlocks);
  return blocks;
}

void SealTable(std::string* table) {
  for (const BlockHandle& block : BlocksOf(*table)) {
    const std::string_view covered(table->data() + block.offset, block.size + 1);
    EncodeFixed32(table->data() + block.offset + covered.size(),
                  crc32c::Mask(crc32c::Value(covered)));
  }
}

}  // namespace lsm::inspect
