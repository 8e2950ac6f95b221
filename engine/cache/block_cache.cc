#include "cache/block_cache.h"

#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "cache/ghost_list.h"
#include "env/sync.h"

namespace lsm {
namespace {

constexpr size_t kShards = 16;
// Below it a shard would be too small for a few large blocks.
constexpr size_t kShardedBytesMin = size_t{1} << 20;

// Memory of an entry besides the block's bytes: the string and its control block, the list's and
// the map's node with their allocator headers, the map's bucket.
constexpr size_t kEntryBytes = 208;

// One part in so many is kept for ghosts (in 1/32 of a cache there is room for more ids than in the
// rest for blocks of 4 KiB), and of the rest one part in so many for probation.
constexpr size_t kGhostPart = 32;
constexpr size_t kProbationPart = 5;

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

// Invariants: block_bytes_ is the sum of ChargeOf over both segments and at most block_capacity_;
// protected_bytes_ is the protected segment's part of it, at most protected_capacity_; index_ has
// one iterator for each entry.
class BlockCache::Shard {
 public:
  Shard(Env* env, size_t capacity)
      : block_capacity_(capacity - capacity / kGhostPart),
        protected_capacity_(block_capacity_ - block_capacity_ / kProbationPart),
        mu_(env),
        ghosts_(capacity / kGhostPart) {}

  BlockBytes Lookup(const BlockId& id) {
    MutexLock lock(&mu_);
    const auto found = index_.find(id);
    if (found == index_.end()) return nullptr;
    const Entries::iterator entry = found->second;
    ++(entry->is_protected ? counts_.protected_hits : counts_.probation_hits);
    Promote(entry);
    return entry->block;
  }

  void Insert(const BlockId& id, BlockBytes block) {
    const size_t charge = ChargeOf(block);
    if (charge > block_capacity_) return;
    Entries dropped;  // freed after the lock is released
    MutexLock lock(&mu_);
    bool known = ghosts_.Forget(id);
    if (known) ++counts_.ghost_hits;
    if (const auto found = index_.find(id); found != index_.end()) {
      known = found->second->is_protected;
      Drop(found->second, &dropped);
    }
    while (block_bytes_ + charge > block_capacity_) EvictOne(&dropped);
    probation_.push_front({id, std::move(block), false});
    index_.emplace(id, probation_.begin());
    block_bytes_ += charge;
    if (known) Promote(probation_.begin());
  }

  void EraseFile(uint64_t file) {
    Entries dropped;
    MutexLock lock(&mu_);
    for (Entries* segment : {&probation_, &protected_}) {
      for (auto it = segment->begin(); it != segment->end();) {
        const auto entry = it++;
        if (entry->id.file == file) Drop(entry, &dropped);
      }
    }
  }

  size_t UsedBytes() const {
    MutexLock lock(&mu_);
    return block_bytes_ + ghosts_.UsedBytes();
  }

  void AddCountsTo(CacheCounts* sum) const {
    MutexLock lock(&mu_);
    sum->probation_hits += counts_.probation_hits;
    sum->protected_hits += counts_.protected_hits;
    sum->ghost_hits += counts_.ghost_hits;
    sum->evictions += counts_.evictions;
  }

 private:
  struct Entry {
    BlockId id;
    BlockBytes block;
    bool is_protected;
  };
  using Entries = std::list<Entry>;  // most recently used first

  // The private functions require mu_.
  Entries& SegmentOf(const Entry& entry) { return entry.is_protected ? protected_ : probation_; }

  void Move(Entries::iterator entry, bool to_protected) {
    Entries& from = SegmentOf(*entry);
    if (entry->is_protected) protected_bytes_ -= ChargeOf(entry->block);
    entry->is_protected = to_protected;
    if (to_protected) protected_bytes_ += ChargeOf(entry->block);
    Entries& to = SegmentOf(*entry);
    to.splice(to.begin(), from, entry);
  }

  // To the front of the protected segment, which then demotes what is too much.
  void Promote(Entries::iterator entry) {
    Move(entry, true);
    while (protected_bytes_ > protected_capacity_) Move(std::prev(protected_.end()), false);
  }

  void EvictOne(Entries* dropped) {
    ++counts_.evictions;
    Entries& segment = probation_.empty() ? protected_ : probation_;
    ghosts_.Remember(segment.back().id);
    Drop(std::prev(segment.end()), dropped);
  }

  void Drop(Entries::iterator entry, Entries* dropped) {
    const size_t charge = ChargeOf(entry->block);
    block_bytes_ -= charge;
    if (entry->is_protected) protected_bytes_ -= charge;
    index_.erase(entry->id);
    dropped->splice(dropped->end(), SegmentOf(*entry), entry);
  }

  const size_t block_capacity_;
  const size_t protected_capacity_;
  mutable Mutex mu_;
  Entries probation_, protected_;
  std::unordered_map<BlockId, Entries::iterator, BlockIdHash> index_;
  GhostList<BlockId, BlockIdHash> ghosts_;
  size_t block_bytes_ = 0, protected_bytes_ = 0;
  CacheCounts counts_;
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

CacheCounts BlockCache::Counts() const {
  CacheCounts sum;
  for (const auto& shard : shards_) shard->AddCountsTo(&sum);
  return sum;
}

}  // namespace lsm
