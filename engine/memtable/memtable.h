// Stage 2, the memtable: the reference implementation of contract/memtable/concept.h, a skip list.
//
// Thread-safety: one thread adds; any number read at the same time without a lock. The memtable
// outlives its iterators; their keys and values stand as long as it does.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include <stage/memtable/skiplist.h>
#include "base/arena.h"
#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

class MemTable {
 public:
  class Iterator;

  explicit MemTable(const InternalKeyComparator& comparator)
      : comparator_(comparator), list_(comparator, &arena_) {}
  MemTable(const MemTable&) = delete;
  MemTable& operator=(const MemTable&) = delete;

  // Sequence numbers ascend over calls; one call a (key, sequence). A tombstone's value is empty.
  void Add(SequenceNumber sequence, ValueType type, std::string_view key, std::string_view value) {
    list_.Insert(sequence, type, key, value);
    entries_.store(Entries() + 1, std::memory_order_relaxed);  // one thread adds
  }

  // The newest version at or below the key's sequence number. *value is set if that is a value;
  // `value` may be null.
  LookupState Get(const LookupKey& key, std::string* value) const {
    const SkipListNode* node = list_.FirstAtOrAfter(key.internal_key());
    if (node == nullptr ||
        comparator_.CompareUserKeys(ExtractUserKey(node->key()), key.user_key()) != 0) {
      return LookupState::kAbsent;
    }
    if (static_cast<ValueType>(ExtractTag(node->key()) & 0xff) == ValueType::kDeletion) {
      return LookupState::kDeleted;
    }
    if (value != nullptr) value->assign(node->value());
    return LookupState::kFound;
  }

  // Bytes obtained from the system.
  size_t MemoryUsage() const { return arena_.MemoryUsage(); }
  // Versions, tombstones included.
  size_t Entries() const { return entries_.load(std::memory_order_relaxed); }

 private:
  const InternalKeyComparator comparator_;
  Arena arena_;
  SkipList list_;
  std::atomic<size_t> entries_{0};
};

// Every version, as internal keys. Sees what is added while it walks if it lies ahead.
class MemTable::Iterator {
 public:
  explicit Iterator(const MemTable* table) : list_(&table->list_) {}

  bool Valid() const { return node_ != nullptr; }
  void SeekToFirst() { node_ = list_->First(); }
  void SeekToLast() { node_ = list_->Last(); }
  void Seek(std::string_view target) { node_ = list_->FirstAtOrAfter(target); }
  void Next() { node_ = node_->Next(); }
  void Prev() { node_ = list_->LastBefore(node_->key()); }  // no links backward: a search
  std::string_view key() const { return node_->key(); }
  std::string_view value() const { return node_->value(); }
  Status status() const { return Status::Ok(); }

 private:
  const SkipList* list_;
  const SkipListNode* node_ = nullptr;
};

}  // namespace lsm
