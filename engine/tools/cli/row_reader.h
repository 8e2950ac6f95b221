// RowReader: the records of a csv, tsv or jsonl file, one after the other, with their line numbers.
//
// Memory: one record of at most kMaxRecordBytes. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "lsm/env.h"
#include "lsm/status.h"
#include "tools/cli/row_text.h"

namespace lsm::cli {

// A missing quote would otherwise take the rest of the file into memory.
inline constexpr size_t kMaxRecordBytes = size_t{1} << 28;

class RowReader {
 public:
  // `name` is the file's in messages.
  RowReader(std::unique_ptr<SequentialFile> file, std::string name, LoadFormat format)
      : file_(std::move(file)), name_(std::move(name)), format_(format) {}

  // The next row; false at the end. Corruption names file, line and reason.
  Result<bool> Next(Row* row);

  uint64_t bytes_read() const { return bytes_read_; }
  // Where the last row, or the bad one, begins.
  uint64_t row_line() const { return row_line_; }
  // True if Next failed on the text, not on the file.
  bool bad_line() const { return bad_line_; }

 private:
  // The next line without its newline; false at the end.
  Result<bool> ReadLine(std::string* line);
  Status Bad(std::string_view reason);

  const std::unique_ptr<SequentialFile> file_;
  const std::string name_;
  const LoadFormat format_;
  std::string buffer_;
  size_t used_ = 0;  // of buffer_
  uint64_t line_ = 0, row_line_ = 0;
  bool bad_line_ = false;
  uint64_t bytes_read_ = 0;
};

}  // namespace lsm::cli
