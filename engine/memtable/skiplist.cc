#include <stage/memtable/skiplist.h>

#include <algorithm>
#include <bit>
#include <new>

namespace lsm {

SkipList::SkipList(const InternalKeyComparator& comparator, Arena* arena)
    : comparator_(comparator), arena_(arena), head_(NewNode(arena, kMaxHeight, 0, 0)) {
  last_.fill(head_);
}

SkipList::Node* SkipList::NewNode(Arena* arena, int height, size_t key_bytes, size_t value_bytes) {
  static_assert(sizeof(Node) % alignof(Node::Link) == 0);
  const size_t link_bytes = sizeof(Node::Link) * static_cast<size_t>(height);
  char* memory = arena->AllocateAligned(link_bytes + sizeof(Node) + key_bytes + value_bytes);
  Node* node = new (memory + link_bytes)
      Node(static_cast<uint32_t>(key_bytes), static_cast<uint32_t>(value_bytes));
  for (int i = 0; i < height; ++i) new (&node->link(i)) Node::Link(nullptr);
  return node;
}

void SkipList::Insert(SequenceNumber sequence, ValueType type, std::string_view user_key,
                      std::string_view value) {
  const int height = RandomHeight();
  Node* node = NewNode(arena_, height, user_key.size() + kTagBytes, value.size());
  char* end = std::copy(user_key.begin(), user_key.end(), node->bytes());
  EncodeFixed64(end, PackTag(sequence, type));
  std::copy(value.begin(), value.end(), end + kTagBytes);

  std::array<Node*, kMaxHeight> previous = last_;
  if (last_[0] != head_ && !IsBefore(last_[0], node->key())) FindPrevious(node->key(), &previous);

  if (height > height_.load(std::memory_order_relaxed)) {
    height_.store(height, std::memory_order_relaxed);  // invariant 5
  }
  for (int i = 0; i < height; ++i) {
    Node* next = previous[i]->link(i).load(std::memory_order_relaxed);
    LSM_DCHECK(next == nullptr || IsBefore(node, next->key()));
    node->link(i).store(next, std::memory_order_relaxed);  // not reachable yet
    previous[i]->link(i).store(node, std::memory_order_release);
    if (next == nullptr) last_[i] = node;
  }
}

void SkipList::FindPrevious(std::string_view internal_key,
                            std::array<Node*, kMaxHeight>* previous) {
  Node* node = head_;
  previous->fill(head_);
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    Node* next = node->link(level).load(std::memory_order_relaxed);
    while (next != nullptr && IsBefore(next, internal_key)) {
      node = next;
      next = node->link(level).load(std::memory_order_relaxed);
    }
    (*previous)[level] = node;
  }
}

const SkipList::Node* SkipList::FirstAtOrAfter(std::string_view internal_key) const {
  const Node* node = head_;
  const Node* bound = nullptr;  // known not to be before the key: need not be compared again
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    const Node* next = node->Next(level);
    while (next != bound && next != nullptr && IsBefore(next, internal_key)) {
      node = next;
      next = node->Next(level);
    }
    bound = next;
  }
  return bound;
}

const SkipList::Node* SkipList::LastBefore(std::string_view internal_key) const {
  const Node* node = head_;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    const Node* next = node->Next(level);
    while (next != nullptr && IsBefore(next, internal_key)) {
      node = next;
      next = node->Next(level);
    }
  }
  return node == head_ ? nullptr : node;
}

const SkipList::Node* SkipList::FindLast() const {
  const Node* node = head_;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    for (const Node* next = node->Next(level); next != nullptr; next = node->Next(level)) {
      node = next;
    }
  }
  return node == head_ ? nullptr : node;
}

// Each level more has a chance of 1/4: two zero bits. xorshift64 (Marsaglia, 2003): the same
// heights under every library, as a run must be reproducible.
int SkipList::RandomHeight() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  constexpr uint64_t kStop = uint64_t{1} << (2 * (kMaxHeight - 1));
  return 1 + std::countr_zero(random_ | kStop) / 2;
}

}  // namespace lsm
