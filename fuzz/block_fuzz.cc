// Target block: the input is one uncompressed block of a table, and then the entries of one.
#include "fuzz/block_check.h"

#include <stage/sstable/block.h>

#include "fuzz/explain.h"
#include "fuzz/real_files.h"
#include "inspect/table_layout.h"

namespace lsm::fuzz {
namespace {

std::vector<std::string> BlockSeeds() {
  std::vector<std::string> seeds;
  for (const std::string& table : RealFiles(FileKind::kTable)) {
    for (const inspect::BlockHandle& block : inspect::BlocksOf(table)) {
      const bool raw = table[block.offset + block.size] == '\0';
      if (raw) seeds.push_back(table.substr(block.offset, block.size));
    }
  }
  return seeds;
}

}  // namespace

Target BlockTarget() {
  return {.name = "block",
          .about = "a block of a table: safe to walk, and what was added comes back",
          .max_bytes = size_t{8} << 10,
          .check = CheckBlock<BlockBuilder, Block>,
          .seeds = BlockSeeds,
          .explain = HexDump};
}

}  // namespace lsm::fuzz
