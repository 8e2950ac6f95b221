// Stage 2 again, on another axis: a balanced tree behind a lock instead of a lock-free skip list.
// Each version is an entry of a std::map; moves and lookups hold a one-word lock for their length.
//
// Invariants: entries are never changed or removed, so views of them stand as long as the memtable;
// links between entries are touched under the lock alone. Thread-safe. No environment is
// involved: the lock is never held over a call that could block.
#pragma once

#include <atomic>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

class MemTable {
 public:
  class Iterator;

  explicit MemTable(const InternalKeyComparator& comparator) : versions_(Less{comparator}) {}

  void Add(SequenceNumber sequence, ValueType type, std::string_view key, std::string_view value) {
    const Lock lock(&busy_);
    versions_.emplace(MakeInternalKey(key, sequence, type), value);
    user_bytes_ += key.size() + value.size();
  }

  LookupState Get(const LookupKey& key, std::string* value) const {
    const Lock lock(&busy_);
    const auto it = versions_.lower_bound(key.internal_key());
    ParsedInternalKey found;
    if (it == versions_.end() || !ParseInternalKey(it->first, &found) ||
        versions_.key_comp().comparator.CompareUserKeys(found.user_key, key.user_key()) != 0) {
      return LookupState::kAbsent;
    }
    if (found.type == ValueType::kDeletion) return LookupState::kDeleted;
    if (value != nullptr) *value = it->second;
    return LookupState::kFound;
  }

  size_t MemoryUsage() const {
    constexpr size_t kTreeNodeBytes = 48;  // an estimate
    const Lock lock(&busy_);
    return user_bytes_ + versions_.size() * kTreeNodeBytes;
  }
  size_t Entries() const {
    const Lock lock(&busy_);
    return versions_.size();
  }

 private:
  struct Less {
    using is_transparent = void;
    InternalKeyComparator comparator;
    bool operator()(std::string_view a, std::string_view b) const {
      return comparator.Compare(a, b) < 0;
    }
  };
  using Versions = std::map<std::string, std::string, Less>;

  class Lock {
   public:
    explicit Lock(std::atomic_flag* busy) : busy_(busy) {
      while (busy_->test_and_set(std::memory_order_acquire)) busy_->wait(true);
    }
    ~Lock() {
      busy_->clear(std::memory_order_release);
      busy_->notify_one();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    std::atomic_flag* const busy_;
  };

  Versions versions_;
  size_t user_bytes_ = 0;
  mutable std::atomic_flag busy_;
};

class MemTable::Iterator {
 public:
  explicit Iterator(const MemTable* table) : table_(table), at_(table->versions_.end()) {}

  bool Valid() const { return at_ != table_->versions_.end(); }
  void SeekToFirst() {
    const Lock lock(&table_->busy_);
    at_ = table_->versions_.begin();
  }
  void SeekToLast() {
    const Lock lock(&table_->busy_);
    at_ = table_->versions_.end();
    StepBack();
  }
  void Seek(std::string_view target) {
    const Lock lock(&table_->busy_);
    at_ = table_->versions_.lower_bound(target);
  }
  void Next() {
    const Lock lock(&table_->busy_);
    ++at_;
  }
  void Prev() {
    const Lock lock(&table_->busy_);
    StepBack();
  }
  std::string_view key() const { return at_->first; }
  std::string_view value() const { return at_->second; }
  Status status() const { return Status::Ok(); }

 private:
  // Behind the last entry if there is none before.
  void StepBack() {
    at_ = at_ == table_->versions_.begin() ? table_->versions_.end() : std::prev(at_);
  }

  const MemTable* table_;
  Versions::const_iterator at_;
};

}  // namespace lsm
