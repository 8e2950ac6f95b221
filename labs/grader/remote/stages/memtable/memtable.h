// Stage 2 behind the wall: every call is answered by the stage in another process. A move of an
// iterator brings back where it then stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/internal_key.h"
#include "lsm/status.h"
#include "remote/position.h"

namespace lsm {

class MemTable {
 public:
  class Iterator;

  explicit MemTable(const InternalKeyComparator& comparator);
  ~MemTable();
  MemTable(const MemTable&) = delete;
  MemTable& operator=(const MemTable&) = delete;

  void Add(SequenceNumber sequence, ValueType type, std::string_view key, std::string_view value);
  LookupState Get(const LookupKey& key, std::string* value) const;
  size_t MemoryUsage() const;
  size_t Entries() const;

 private:
  const Comparator* const user_;
  uint64_t id_ = 0;  // in the other process
};

class MemTable::Iterator {
 public:
  explicit Iterator(const MemTable* table);
  ~Iterator();
  Iterator(Iterator&& other) noexcept;
  Iterator& operator=(Iterator&& other) noexcept;

  bool Valid() const { return at_.valid; }
  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view target);
  void Next();
  void Prev();
  std::string_view key() const { return at_.key; }
  std::string_view value() const { return at_.value; }
  Status status() const { return at_.status; }

 private:
  void Move(const char* what, uint64_t call, std::string_view target);
  void Drop();

  const Comparator* user_;
  uint64_t id_ = 0;  // 0: moved from
  remote::Position at_;
};

}  // namespace lsm
