// Messages between a harness and a stage in another process, as bytes: numbers are varints, bytes
// carry their length. Pure values.
//
// What comes in is not trusted: In reads nothing out of bounds, and gives zeros once something was
// wrong, which ok() tells.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/coding.h"
#include "lsm/status.h"

namespace lsm::remote {

class Out {
 public:
  Out& Number(uint64_t v) {
    PutVarint64(&bytes_, v);
    return *this;
  }
  Out& Bytes(std::string_view v) {
    PutLengthPrefixed(&bytes_, v);
    return *this;
  }
  Out& Real(double v) {
    uint64_t bits = 0;
    static_assert(sizeof(bits) == sizeof(v));
    std::memcpy(&bits, &v, sizeof(v));
    PutFixed64(&bytes_, bits);
    return *this;
  }
  Out& Outcome(const Status& s) {
    return Number(static_cast<uint64_t>(s.code())).Bytes(s.message());
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class In {
 public:
  explicit In(std::string_view bytes) : left_(bytes) {}

  uint64_t Number() {
    uint64_t v = 0;
    return Keep(GetVarint64(&left_, &v)) ? v : 0;
  }
  bool Flag() {
    const uint64_t v = Number();
    return Keep(v <= 1) && v == 1;
  }
  std::string_view Bytes() {
    std::string_view v;
    return Keep(GetLengthPrefixed(&left_, &v)) ? v : std::string_view();
  }
  double Real() {
    double v = 0;
    if (!Keep(left_.size() >= sizeof(v))) return 0;
    std::memcpy(&v, left_.data(), sizeof(v));
    left_.remove_prefix(sizeof(v));
    return v;
  }
  Status Outcome() {
    const uint64_t code = Number();
    const std::string message(Bytes());
    if (!Keep(code <= static_cast<uint64_t>(StatusCode::kClosed)) || code == 0) return Status::Ok();
    return {static_cast<StatusCode>(code), message};
  }
  bool ok() const { return ok_; }
  bool AllRead() const { return ok_ && left_.empty(); }

 private:
  bool Keep(bool fine) {
    ok_ = ok_ && fine;
    return ok_;
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace lsm::remote
