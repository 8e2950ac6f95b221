#include "lsm/status.h"

#include "base/check.h"

namespace lsm {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "OK";
    case StatusCode::kNotFound:
      return "Not found";
    case StatusCode::kCorruption:
      return "Corruption";
    case StatusCode::kNotSupported:
      return "Not supported";
    case StatusCode::kInvalidArgument:
      return "Invalid argument";
    case StatusCode::kIOError:
      return "IO error";
    case StatusCode::kNoSpace:
      return "No space";
    case StatusCode::kBusy:
      return "Busy";
    case StatusCode::kClosed:
      return "Closed";
  }
  return "Unknown";
}

Status::Status(StatusCode code, std::string message)
    : code_(code),
      message_(message.empty() ? nullptr : std::make_unique<std::string>(std::move(message))) {
  LSM_CHECK(code != StatusCode::kOk);
}

std::string Status::ToString() const {
  if (ok()) return "OK";
  std::string text(StatusCodeName(code()));
  return message_ == nullptr ? text : text.append(": ").append(*message_);
}

}  // namespace lsm
