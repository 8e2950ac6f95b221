#include "cache/block_cache.h"

#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "env/sync.h"

namespace lsm {
namespace {

constexpr size_t kShards = 16;
// Below it a shard would be too small for a few large blocks.
constexpr size_t kShardedBytesMin = size_t{1} << 20;

// Memory of an entry besides the block's bytes: the string and its control block, the list's and
// the map's node with their allocator headers, the map's bucket.
constexpr size_t kEntryBytes = 192;

struct BlockId {
  uint64_t file;
  uint64_t offset;
  bool operator==(const BlockId& other) const {
    return file == other.file && offset == other.offset;
  }
};

// The finalizer of MurmurHash3 over both numbers. Offsets are regular: unmixed they would collide.
uint64_t HashOf(const BlockId& id) {
  uint64_t h = id.file * 0x9e3779b97f4a7c15U ^ id.offset;
  h = (h ^ h >> 33) * 0xff51afd7ed558ccdU;
  h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53U;
  return h ^ h >> 33;
}

struct BlockIdHash {
  size_t operator()(const BlockId& id) const { return static_cast<size_t>(HashOf(id)); }
};

size_t ChargeOf(const BlockBytes& block) { return block->capacity() + kEntryBytes; }

}  // namespace

// Invariants: used_ is the sum of ChargeOf over entries_ and at most capacity_; index_ has one
// iterator for each entry.
class BlockCache::Shard {
 public:
  Shard(Env* env, size_t capacity) : capacity_(capacity), mu_(env) {}

  BlockBytes Lookup(const BlockId& id) {
    MutexLock lock(&mu_);
    const auto found = index_.find(id);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->block;
  }

  void Insert(const BlockId& id, BlockBytes block) {
    const size_t charge = ChargeOf(block);
    if (charge > capacity_) return;
    Entries dropped;  // freed after the lock is released
    MutexLock lock(&mu_);
    if (const auto found = index_.find(id); found != index_.end()) Drop(found->second, &dropped);
    while (used_ + charge > capacity_) Drop(std::prev(entries_.end()), &dropped);
    entries_.push_front({id, std::move(block)});
    index_.emplace(id, entries_.begin());
    used_ += charge;
  }

  void EraseFile(uint64_t file) {
    Entries dropped;
    MutexLock lock(&mu_);
    for (auto it = entries_.begin(); it != entries_.end();) {
      const auto entry = it++;
      if (entry->id.file == file) Drop(entry, &dropped);
    }
  }

  size_t UsedBytes() const {
    MutexLock lock(&mu_);
    return used_;
  }

 private:
  struct Entry {
    BlockId id;
    BlockBytes block;
  };
  using Entries = std::list<Entry>;

  // REQUIRES: mu_ is held.
  void Drop(Entries::iterator entry, Entries* dropped) {
    used_ -= ChargeOf(entry->block);
    index_.erase(entry->id);
    dropped->splice(dropped->end(), entries_, entry);
  }

  const size_t capacity_;
  mutable Mutex mu_;
  Entries entries_;  // most recently used first
  std::unordered_map<BlockId, Entries::iterator, BlockIdHash> index_;
  size_t used_ = 0;
};

BlockCache::BlockCache(Env* env, size_t capacity_bytes) : capacity_(capacity_bytes) {
  const size_t shards = capacity_bytes < kShardedBytesMin ? 1 : kShards;
  for (size_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(env, capacity_bytes / shards));
  }
}

BlockCache::~BlockCache() = default;

BlockCache::Shard& BlockCache::ShardOf(uint64_t file, uint64_t offset) {
  // The high bits: a shard's own map uses the low ones.
  return *shards_[static_cast<size_t>(HashOf({file, offset}) >> 32) % shards_.size()];
}

BlockBytes BlockCache::Lookup(uint64_t file, uint64_t offset) {
  return ShardOf(file, offset).Lookup({file, offset});
}

void BlockCache::Insert(uint64_t file, uint64_t offset, BlockBytes block) {
  LSM_DCHECK(block != nullptr);
  ShardOf(file, offset).Insert({file, offset}, std::move(block));
}

void BlockCache::EraseFile(uint64_t file) {
  for (const auto& shard : shards_) shard->EraseFile(file);
}

size_t BlockCache::UsedBytes() const {
  size_t sum = 0;
  for (const auto& shard : shards_) sum += shard->UsedBytes();
  return sum;
}

}  // namespace lsm
