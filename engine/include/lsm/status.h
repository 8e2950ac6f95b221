// Status: the outcome of an operation that a file, a user or the machine can make fail.
// Result<T>: a value, or the Status that explains why there is none.
//
// A status without a message allocates nothing: OK and the NotFound of a lookup cost nothing. Both
// types are [[nodiscard]].
// Programmer errors are not statuses: they are CHECKs (base/check.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lsm {

enum class StatusCode : uint8_t {
  kOk,
  kNotFound,         // the key, file or property does not exist
  kCorruption,       // bytes read back are not the bytes written; the message names file and offset
  kNotSupported,     // valid, but not in this build or by this stage
  kInvalidArgument,  // the caller's option or argument is out of range; the message names it
  kIOError,          // the machine refused an operation; the message names it and the file
  kNoSpace,          // the disk is full; the engine resumes by itself once space is freed
  kBusy,             // held by somebody else (a locked database)
  kClosed,           // the database was closed before the call
};

// The code's name as users read it: "Corruption", "Invalid argument", ...
std::string_view StatusCodeName(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(StatusCode code, std::string message);
  Status(const Status& other)
      : code_(other.code_),
        message_(other.message_ ? std::make_unique<std::string>(*other.message_) : nullptr) {}
  Status(Status&& other) noexcept
      : code_(std::exchange(other.code_, StatusCode::kOk)), message_(std::move(other.message_)) {}
  Status& operator=(const Status& other) { return *this = Status(other); }
  Status& operator=(Status&& other) noexcept {
    code_ = std::exchange(other.code_, StatusCode::kOk);
    message_ = std::move(other.message_);
    return *this;
  }

  static Status Ok() { return Status(); }
  static Status NotFound(std::string m) { return {StatusCode::kNotFound, std::move(m)}; }
  static Status Corruption(std::string m) { return {StatusCode::kCorruption, std::move(m)}; }
  static Status NotSupported(std::string m) { return {StatusCode::kNotSupported, std::move(m)}; }
  static Status InvalidArgument(std::string m) {
    return {StatusCode::kInvalidArgument, std::move(m)};
  }
  static Status IOError(std::string m) { return {StatusCode::kIOError, std::move(m)}; }
  static Status NoSpace(std::string m) { return {StatusCode::kNoSpace, std::move(m)}; }
  static Status Busy(std::string m) { return {StatusCode::kBusy, std::move(m)}; }
  static Status Closed(std::string m) { return {StatusCode::kClosed, std::move(m)}; }

  bool ok() const noexcept { return code_ == StatusCode::kOk; }
  StatusCode code() const noexcept { return code_; }
  std::string_view message() const noexcept {
    return message_ ? std::string_view(*message_) : std::string_view();
  }
  bool IsNotFound() const noexcept { return code() == StatusCode::kNotFound; }
  bool IsCorruption() const noexcept { return code() == StatusCode::kCorruption; }

  // "OK", or "<code name>: <message>".
  std::string ToString() const;

  // Drops the status on purpose; the reason belongs in a comment at the call.
  void IgnoreError() const noexcept {}

 private:
  StatusCode code_ = StatusCode::kOk;
  std::unique_ptr<std::string> message_;  // null: empty
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit on purpose
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit on purpose

  bool ok() const noexcept { return value_.has_value(); }
  const Status& status() const noexcept { return status_; }

  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

// Returns from the enclosing function when `expr` is not OK.
#define LSM_RETURN_IF_ERROR(expr)                                   \
  do {                                                              \
    if (::lsm::Status lsm_s_ = (expr); !lsm_s_.ok()) return lsm_s_; \
  } while (0)

#define LSM_CONCAT_INNER_(a, b) a##b
#define LSM_CONCAT_(a, b) LSM_CONCAT_INNER_(a, b)

// LSM_ASSIGN_OR_RETURN(auto file, env->Open(...)): declares `file`, or returns the error.
#define LSM_ASSIGN_OR_RETURN(decl, expr) \
  LSM_ASSIGN_OR_RETURN_IMPL_(LSM_CONCAT_(lsm_r_, __LINE__), decl, expr)
#define LSM_ASSIGN_OR_RETURN_IMPL_(tmp, decl, expr) \
  auto tmp = (expr);                                \
  if (!tmp.ok()) return tmp.status();               \
  decl = std::move(*tmp)

}  // namespace lsm
