// GhostList: ids of blocks that left the cache unused, without their bytes; the oldest is forgotten
// first. Not thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>

namespace lsm {

template <class Id, class Hash>
class GhostList {
 public:
  // List and map node with their allocator headers, the map's bucket.
  static constexpr size_t kGhostBytes = 112;

  explicit GhostList(size_t capacity_bytes) : capacity_(capacity_bytes / kGhostBytes) {}

  void Remember(const Id& id) {
    if (capacity_ == 0 || index_.count(id) != 0) return;
    if (ids_.size() == capacity_) Forget(Id(ids_.back()));
    ids_.push_front(id);
    index_.emplace(id, ids_.begin());
  }

  // Whether it was remembered.
  bool Forget(const Id& id) {
    const auto found = index_.find(id);
    if (found == index_.end()) return false;
    ids_.erase(found->second);
    index_.erase(found);
    return true;
  }

  size_t UsedBytes() const { return ids_.size() * kGhostBytes; }

 private:
  const size_t capacity_;
  std::list<Id> ids_;  // the newest first
  std::unordered_map<Id, typename std::list<Id>::iterator, Hash> index_;
};

}  // namespace lsm
