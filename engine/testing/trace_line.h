// One line of a trace, word by word from left to right. Every Take fails with the line and the
// column of the word that is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lsm/status.h"

namespace lsm::lab {

class TraceLine {
 public:
  // `room`: bytes that the rest of the trace may expand to.
  TraceLine(std::string_view text, size_t number, size_t* room)
      : text_(text), number_(number), room_(room) {
    SkipSpaces();
  }

  bool AtEnd() const { return next_ == text_.size(); }
  std::string_view Peek() const { return text_.substr(next_, text_.find(' ', next_) - next_); }

  // InvalidArgument "line 3, column 7: <what>" for the word that was taken last.
  Status Error(std::string_view what) const;

  Result<std::string_view> Take(std::string_view wanted);
  bool TakeIf(std::string_view word);
  // What stands behind `prefix` in the next word, as "5" in "at=5".
  Result<std::string_view> TakeBehind(std::string_view prefix, std::string_view wanted);
  Status TakeBytes(std::string_view wanted, std::string* out);
  Status TakeName(std::string_view wanted, std::string* out);
  Status TakeValue(std::string* out);  // also @SIZE:SEED
  // A few bytes of text stand for `bytes` of memory.
  Status Charge(size_t bytes);
  // A number in [min, max] behind `prefix`.
  Status TakeNumber(std::string_view prefix, uint64_t min, uint64_t max, uint64_t* out);

 private:
  void SkipSpaces();

  std::string_view text_;
  size_t number_;
  size_t* room_;
  size_t next_ = 0;    // the first word not taken
  size_t column_ = 0;  // the last word taken
};

// A whole word of decimal digits.
bool ParseNumber(std::string_view text, uint64_t* out);

}  // namespace lsm::lab
