// BlockCache: uncompressed blocks by (file, offset), least recently used first out.
//
// Invariants: (1) the bytes of all blocks held by the cache never exceed its capacity; a block that
// does not fit is handed out but not kept. (2) A block that a reader holds stays alive when it is
// evicted. Thread-safe: sixteen shards, one lock each (one shard when the capacity is small).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lsm/env.h"

namespace lsm {

using BlockBytes = std::shared_ptr<const std::string>;

class BlockCache {
 public:
  BlockCache(Env* env, size_t capacity_bytes);
  ~BlockCache();

  // Null if it is not there.
  BlockBytes Lookup(uint64_t file, uint64_t offset);
  void Insert(uint64_t file, uint64_t offset, BlockBytes block);
  void EraseFile(uint64_t file);  // when the file is removed
  size_t UsedBytes() const;
  size_t CapacityBytes() const { return capacity_; }

 private:
  class Shard;
  Shard& ShardOf(uint64_t file, uint64_t offset);

  const size_t capacity_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace lsm
