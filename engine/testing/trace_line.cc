#include "testing/trace_line.h"

#include <fmt/format.h>

#include <charconv>

#include "base/escape.h"
#include "testing/trace_words.h"

namespace lsm::lab {

bool ParseNumber(std::string_view text, uint64_t* out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *out);
  return error == std::errc() && stop == end;
}

Status TraceLine::Error(std::string_view what) const {
  return Status::InvalidArgument(fmt::format("line {}, column {}: {}", number_, column_ + 1, what));
}

Result<std::string_view> TraceLine::Take(std::string_view wanted) {
  column_ = next_;
  if (AtEnd()) return Error(fmt::format("expected {}", wanted));
  const std::string_view word = Peek();
  next_ += word.size();
  SkipSpaces();
  return word;
}

bool TraceLine::TakeIf(std::string_view word) {
  if (AtEnd() || Peek() != word) return false;
  column_ = next_;
  next_ += word.size();
  SkipSpaces();
  return true;
}

Result<std::string_view> TraceLine::TakeBehind(std::string_view prefix, std::string_view wanted) {
  LSM_ASSIGN_OR_RETURN(const std::string_view word, Take(fmt::format("{}{}", prefix, wanted)));
  if (!word.starts_with(prefix)) return Error(fmt::format("expected {}{}", prefix, wanted));
  return word.substr(prefix.size());
}

Status TraceLine::TakeBytes(std::string_view wanted, std::string* out) {
  LSM_ASSIGN_OR_RETURN(const std::string_view word, Take(wanted));
  auto bytes = Unescape(word);
  if (!bytes.ok()) return Error(bytes.status().message());
  *out = std::move(*bytes);
  return Status::Ok();
}

Status TraceLine::TakeName(std::string_view wanted, std::string* out) {
  LSM_RETURN_IF_ERROR(TakeBytes(wanted, out));
  return out->empty() ? Error("a name cannot be empty") : Status::Ok();
}

Status TraceLine::TakeValue(std::string* out) {
  if (AtEnd() || Peek().front() != '@') return TakeBytes("a value", out);
  LSM_ASSIGN_OR_RETURN(const std::string_view word, Take("a value"));
  size_t size = 0;
  uint64_t seed = 0;
  if (!ParseGenerated(word, &size, &seed)) {
    return Error(fmt::format("'{}' is not @SIZE:SEED with a size in [{}, {}]", word,
                             kMinGeneratedBytes, kMaxGeneratedBytes));
  }
  LSM_RETURN_IF_ERROR(Charge(size));
  *out = GeneratedBytes(size, seed);
  return Status::Ok();
}

Status TraceLine::Charge(size_t bytes) {
  if (bytes > *room_) {
    return Error(fmt::format("generated values and images of a trace expand to more than {} bytes",
                             kMaxExpandedBytes));
  }
  *room_ -= bytes;
  return Status::Ok();
}

Status TraceLine::TakeNumber(std::string_view prefix, uint64_t min, uint64_t max, uint64_t* out) {
  LSM_ASSIGN_OR_RETURN(const std::string_view digits, TakeBehind(prefix, "NUMBER"));
  if (!ParseNumber(digits, out) || *out < min || *out > max) {
    return Error(fmt::format("expected {}NUMBER in [{}, {}]", prefix, min, max));
  }
  return Status::Ok();
}

void TraceLine::SkipSpaces() {
  while (next_ < text_.size() && text_[next_] == ' ') ++next_;
}

}  // namespace lsm::lab
