// Writer: one call that waits in the write queue, on its caller's stack.
#pragma once

#include "db/db_impl.h"

namespace lsm {

struct DBImpl::Writer {
  enum class Kind : uint8_t {
    kUpdate,  // type, key, value
    kBatch,   // batch
    kSync,    // nothing to write: make durable what was written
    kSeal,    // nothing to write: seal the memtable
    kResume,  // as the leader, recover from a background error
  };

  Writer(Mutex* mu, Kind k, bool s) : kind(k), sync(s), cv(mu) {}

  // Bytes that it adds to a group, at most.
  size_t ByteSize() const {
    return kind == Kind::kBatch ? batch->ByteSize() : key.size() + value.size() + 16;
  }
  void AppendTo(WriteBatch* group) const {
    if (kind == Kind::kBatch) {
      group->Append(*batch);
    } else if (kind == Kind::kUpdate && type == ValueType::kValue) {
      group->Put(key, value);
    } else if (kind == Kind::kUpdate) {
      group->Delete(key);
    }
  }

  const Kind kind;
  const bool sync;
  const WriteBatch* batch = nullptr;
  ValueType type = ValueType::kValue;
  std::string_view key, value;

  bool automatic = false;  // kResume: by the engine itself

  bool done = false;  // its leader has set status
  Status status;
  CondVar cv;
};

}  // namespace lsm
