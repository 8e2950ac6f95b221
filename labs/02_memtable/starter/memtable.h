// Stage 2, the memtable. Yours to write: the handout is labs/02_memtable/README.md, the contract
// engine/contract/memtable/concept.h. `./lab grade memtable` says what to do next.
#pragma once

#include <string>
#include <string_view>

#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

class MemTable {
 public:
  class Iterator;

  explicit MemTable(const InternalKeyComparator& comparator) : comparator_(comparator) {}
  MemTable(const MemTable&) = delete;
  MemTable& operator=(const MemTable&) = delete;

  // Sequence numbers ascend over calls; one call a (key, sequence). A tombstone's value is empty.
  void Add(SequenceNumber, ValueType, std::string_view, std::string_view) {}

  // The newest version at or below the key's sequence number. *value is set if that is a value;
  // `value` may be null.
  LookupState Get(const LookupKey&, std::string*) const { return LookupState::kAbsent; }

  size_t MemoryUsage() const { return 0; }
  size_t Entries() const { return 0; }  // versions, tombstones included

 private:
  [[maybe_unused]] const InternalKeyComparator comparator_;
};

// Every version, as internal keys (format/internal_key.h).
class MemTable::Iterator {
 public:
  explicit Iterator(const MemTable* table) : table_(table) {}

  bool Valid() const { return false; }
  void SeekToFirst() {}
  void SeekToLast() {}
  void Seek(std::string_view) {}  // the first internal key at or behind this one
  void Next() {}                  // requires Valid()
  void Prev() {}                  // requires Valid()
  std::string_view key() const { return {}; }
  std::string_view value() const { return {}; }
  Status status() const { return Status::Ok(); }

 private:
  [[maybe_unused]] const MemTable* table_;
};

}  // namespace lsm
