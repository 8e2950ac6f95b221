// BlockCache: uncompressed blocks by (file, offset), kept by how often they are asked for, so that
// a scan does not drive out what is in use.
//
// Segmented, with ghosts. A block enters the probation segment; asked for again, it is promoted to
// the protected one (most of the capacity). Each segment drops its least recently used: the
// protected one demotes to probation, probation evicts and keeps the block's id as a ghost. A block
// that comes back while its ghost is remembered is promoted at once: that is how a set of blocks
// that is in use, but larger than probation, gets in. A scan touches each block once and passes
// through probation alone. (Karedla, Love, Wherry 1994: segments; Johnson, Shasha, VLDB 1994: 2Q.)
//
// Invariants: (1) the bytes of all blocks and ghosts held by the cache never exceed its capacity; a
// block that does not fit is handed out but not kept. (2) A block that a reader holds stays alive
// when it is evicted. Thread-safe: sixteen shards, one lock each (one shard when the capacity is
// small).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lsm/env.h"

namespace lsm {

using BlockBytes = std::shared_ptr<const std::string>;

struct CacheCounts {
  uint64_t probation_hits = 0, protected_hits = 0;
  uint64_t ghost_hits = 0;  // blocks promoted because they came back
  uint64_t evictions = 0;
};

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
  CacheCounts Counts() const;

 private:
  class Shard;
  Shard& ShardOf(uint64_t file, uint64_t offset);

  const size_t capacity_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace lsm
