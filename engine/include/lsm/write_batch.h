// WriteBatch: updates that are applied atomically, in the order in which they were added.
//
// The representation is LevelDB's, and is what the write-ahead log holds (docs/formats/wal.md):
//   sequence fixed64 | count fixed32 | records
//   record: 0x01 key value | 0x00 key        (key, value: varint32 length + bytes)
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lsm/status.h"

namespace lsm {

class WriteBatch {
 public:
  WriteBatch() { Clear(); }

  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  void Clear();

  // Number of updates.
  uint32_t Count() const;
  // Bytes of the representation.
  size_t ByteSize() const { return rep_.size(); }

  // Adds the updates of `other` behind those of this batch.
  void Append(const WriteBatch& other);

  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void Put(std::string_view key, std::string_view value) = 0;
    virtual void Delete(std::string_view key) = 0;
  };
  // Calls `handler` for each update. Corruption if the representation is damaged: its count and its
  // records are checked before the first call.
  Status Iterate(Handler* handler) const;

 private:
  friend class WriteBatchRep;  // format/batch.h: sequence number and raw bytes
  std::string rep_;
};

}  // namespace lsm
