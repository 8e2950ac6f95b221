// SkipList: versions in InternalKeyComparator's order, in an arena (Pugh, "Skip lists: a
// probabilistic alternative to balanced trees", 1990).
//
// Thread-safety: one thread inserts; any number read at the same time without a lock. The list
// outlives its readers.
//
// Invariants:
//   1. Nodes are never removed or moved before the list is destroyed.
//   2. A node's key, value and height never change once a reader can reach it. It becomes
//      reachable by the release store of a link to it; readers follow links with acquire loads.
//   3. Level 0 links all nodes in order; level i + 1 links a subset of level i's nodes.
//   4. A node is linked at level i only after it is linked at all levels below, so whoever falls
//      from level i + 1 to level i finds what it stands on.
//   5. height_ may be stale for a reader: too small costs time alone, and at a height that is not
//      linked yet the head's link is null, which reads as the end of the level.
//   6. last_[i] is the last node of level i (the head if there is none). The inserting thread's
//   alone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "format/internal_key.h"

namespace lsm {

// One allocation: the links at levels height - 1 .. 0, this header, the internal key, the value.
// Links in front, so that key, header and the link at level 0 share a cache line, whatever the
// height.
class SkipListNode {
 public:
  std::string_view key() const { return {bytes(), key_bytes_}; }
  std::string_view value() const { return {bytes() + key_bytes_, value_bytes_}; }

  // The next node at `level`; null at its end. Below this node's height.
  const SkipListNode* Next(int level = 0) const {
    return link(level).load(std::memory_order_acquire);
  }

 private:
  friend class SkipList;
  using Link = std::atomic<SkipListNode*>;

  SkipListNode(uint32_t key_bytes, uint32_t value_bytes)
      : key_bytes_(key_bytes), value_bytes_(value_bytes) {}

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const Link& link(int level) const { return *(reinterpret_cast<const Link*>(this) - 1 - level); }
  Link& link(int level) { return *(reinterpret_cast<Link*>(this) - 1 - level); }

  const uint32_t key_bytes_;
  const uint32_t value_bytes_;
};

class SkipList {
 public:
  using Node = SkipListNode;

  SkipList(const InternalKeyComparator& comparator, Arena* arena);
  SkipList(const SkipList&) = delete;
  SkipList& operator=(const SkipList&) = delete;

  // Copies key and value. No node has this user key and sequence number. Cheap behind the last key.
  void Insert(SequenceNumber sequence, ValueType type, std::string_view user_key,
              std::string_view value);

  // Null if there is no such node.
  const Node* First() const { return head_->Next(); }
  const Node* Last() const { return FindLast(); }
  const Node* FirstAtOrAfter(std::string_view internal_key) const;
  const Node* LastBefore(std::string_view internal_key) const;

 private:
  // Enough for 4^12 nodes at a branching factor of 4, which needs 4/3 links a node.
  static constexpr int kMaxHeight = 12;

  static Node* NewNode(Arena* arena, int height, size_t key_bytes, size_t value_bytes);
  const Node* FindLast() const;
  bool IsBefore(const Node* node, std::string_view internal_key) const {
    return comparator_.Compare(node->key(), internal_key) < 0;
  }
  // Sets (*previous)[i] to the last node before the key at each level.
  void FindPrevious(std::string_view internal_key, std::array<Node*, kMaxHeight>* previous);
  int RandomHeight();

  const InternalKeyComparator comparator_;
  Arena* const arena_;
  Node* const head_;  // before all keys; has none itself
  std::atomic<int> height_{1};
  std::array<Node*, kMaxHeight> last_;
  uint64_t random_ = 0x9e3779b97f4a7c15;  // any but 0
};

}  // namespace lsm
