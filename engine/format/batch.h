// WriteBatchRep: the engine's access to a batch's bytes (the layout stands in lsm/write_batch.h).
// An empty batch with a sequence number in a log is a synced-up-to proof (docs/formats/wal.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "format/internal_key.h"
#include "lsm/write_batch.h"

namespace lsm {

class WriteBatchRep {
 public:
  static constexpr size_t kHeaderBytes = 12;

  static std::string_view Bytes(const WriteBatch& batch) { return batch.rep_; }
  static SequenceNumber Sequence(const WriteBatch& batch) {
    return DecodeFixed64(batch.rep_.data());
  }
  static void SetSequence(WriteBatch* batch, SequenceNumber sequence) {
    EncodeFixed64(batch->rep_.data(), sequence);
  }
  // Corruption if `bytes` is no well-formed batch: header, count and every record are checked.
  static Status Parse(std::string_view bytes, WriteBatch* batch);
};

// Walks the updates of a batch that was checked before, without a virtual call per key:
//   BatchReader reader(bytes);
//   while (reader.Next()) use(reader.type(), reader.key(), reader.value());
class BatchReader {
 public:
  explicit BatchReader(std::string_view bytes) : rest_(bytes.substr(WriteBatchRep::kHeaderBytes)) {}

  // False at the end, and when a record is damaged: damaged() tells which.
  bool Next();
  bool damaged() const { return damaged_; }
  ValueType type() const { return type_; }
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

 private:
  std::string_view rest_, key_, value_;
  ValueType type_ = ValueType::kDeletion;
  bool damaged_ = false;
};

}  // namespace lsm
