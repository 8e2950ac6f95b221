#include "format/batch.h"

namespace lsm {

void WriteBatch::Clear() { rep_.assign(WriteBatchRep::kHeaderBytes, '\0'); }

uint32_t WriteBatch::Count() const { return DecodeFixed32(rep_.data() + 8); }

namespace {

void AddToCount(std::string* rep, uint32_t n) {
  EncodeFixed32(rep->data() + 8, DecodeFixed32(rep->data() + 8) + n);
}

Status CheckBatch(std::string_view bytes) {
  if (bytes.size() < WriteBatchRep::kHeaderBytes) {
    return Status::Corruption("write batch of " + std::to_string(bytes.size()) +
                              " bytes is shorter than its header");
  }
  BatchReader reader(bytes);
  uint64_t records = 0;
  while (reader.Next()) ++records;
  if (reader.damaged()) {
    return Status::Corruption("write batch: record " + std::to_string(records) + " is damaged");
  }
  const uint32_t count = DecodeFixed32(bytes.data() + 8);
  if (records != count) {
    return Status::Corruption("write batch: header counts " + std::to_string(count) +
                              " updates, found " + std::to_string(records));
  }
  const SequenceNumber sequence = DecodeFixed64(bytes.data());
  if (sequence > kMaxSequence || (count > 0 && sequence > kMaxSequence - (count - 1))) {
    return Status::Corruption("write batch: sequence number out of range");
  }
  return Status::Ok();
}

}  // namespace

void WriteBatch::Put(std::string_view key, std::string_view value) {
  AddToCount(&rep_, 1);
  rep_.push_back(static_cast<char>(ValueType::kValue));
  PutLengthPrefixed(&rep_, key);
  PutLengthPrefixed(&rep_, value);
}

void WriteBatch::Delete(std::string_view key) {
  AddToCount(&rep_, 1);
  rep_.push_back(static_cast<char>(ValueType::kDeletion));
  PutLengthPrefixed(&rep_, key);
}

void WriteBatch::Append(const WriteBatch& other) {
  AddToCount(&rep_, other.Count());
  rep_.append(other.rep_, WriteBatchRep::kHeaderBytes);
}

Status WriteBatch::Iterate(Handler* handler) const {
  LSM_RETURN_IF_ERROR(CheckBatch(rep_));
  BatchReader reader(rep_);
  while (reader.Next()) {
    if (reader.type() == ValueType::kValue) {
      handler->Put(reader.key(), reader.value());
    } else {
      handler->Delete(reader.key());
    }
  }
  return Status::Ok();
}

Status WriteBatchRep::Parse(std::string_view bytes, WriteBatch* batch) {
  LSM_RETURN_IF_ERROR(CheckBatch(bytes));
  batch->rep_.assign(bytes);
  return Status::Ok();
}

bool BatchReader::Next() {
  if (rest_.empty() || damaged_) return false;
  const auto tag = static_cast<uint8_t>(rest_[0]);
  rest_.remove_prefix(1);
  value_ = {};
  damaged_ =
      tag > static_cast<uint8_t>(ValueType::kValue) || !GetLengthPrefixed(&rest_, &key_) ||
      (tag == static_cast<uint8_t>(ValueType::kValue) && !GetLengthPrefixed(&rest_, &value_));
  type_ = static_cast<ValueType>(tag);
  return !damaged_;
}

}  // namespace lsm
