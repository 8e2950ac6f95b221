#include "fuzz/table_layout.h"

#include <algorithm>
#include <iterator>

#include "base/coding.h"
#include "base/crc32c.h"

namespace lsm::fuzz {

using inspect::BlockHandle;

std::vector<BlockHandle> BlocksOf(std::string_view table) {
  constexpr size_t kMaxBlocks = 1000;
  std::vector<BlockHandle> blocks;
  if (table.size() < inspect::kFooterBytes) return blocks;
  const auto lies_in_file = [&table](const BlockHandle& b) { return b.FitsIn(table.size()); };
  const std::string_view footer = table.substr(table.size() - inspect::kFooterBytes);
  BlockHandle metaindex, index;
  if (!inspect::TakeFooter(footer, &metaindex, &index)) return blocks;
  for (const BlockHandle& block : {index, metaindex}) {
    if (!lies_in_file(block)) continue;
    std::vector<BlockHandle> named;
    inspect::HandlesOf(table.substr(block.offset, block.size + 1), &named);
    blocks.push_back(block);
    std::copy_if(named.begin(), named.end(), std::back_inserter(blocks), lies_in_file);
  }
  if (blocks.size() > kMaxBlocks) blocks.resize(kMaxBlocks);
  return blocks;
}

void RepairTable(std::string* table) {
  for (const BlockHandle& block : BlocksOf(*table)) {
    const std::string_view covered(table->data() + block.offset, block.size + 1);
    EncodeFixed32(table->data() + block.offset + covered.size(),
                  crc32c::Mask(crc32c::Value(covered)));
  }
}

}  // namespace lsm::fuzz
