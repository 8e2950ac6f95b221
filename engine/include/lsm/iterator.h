// Iterator over the key-value pairs of a database at one sequence number, in key order.
//
// Not thread-safe; one thread at a time. key() and value() stay valid until the next move.
// Invariants: after a failed move Valid() is false and status() says why; reaching an end is no
// error. An iterator pins what it reads: later writes, flushes and compactions do not change it.
#pragma once

#include <string_view>

#include "lsm/status.h"

namespace lsm {

class Iterator {
 public:
  virtual ~Iterator() = default;

  virtual bool Valid() const = 0;
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  virtual void Seek(std::string_view target) = 0;         // first key >= target
  virtual void SeekForPrev(std::string_view target) = 0;  // last key <= target
  virtual void Next() = 0;                                // requires Valid()
  virtual void Prev() = 0;                                // requires Valid()
  virtual std::string_view key() const = 0;               // requires Valid()
  virtual std::string_view value() const = 0;             // requires Valid()
  virtual Status status() const = 0;
};

}  // namespace lsm
