// LogWriter: appends records to a log, framed as docs/formats/wal.md says.
//
// Invariants:
//   1. size_ is the position in the file; a block ends wherever it is a multiple of kLogBlockBytes;
//   2. the first error of the file is kept: nothing is written or acknowledged behind a hole.
// One thread at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include <stage/wal/fragment.h>
#include "contract/wal/concept.h"
#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

class LogWriter {
 public:
  // The file is empty and outlives the writer.
  explicit LogWriter(WritableFile* file) : file_(file) {}
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // OK: the record is the operating system's. Any error is final.
  Status Append(std::string_view record);
  // OK: all records appended so far are durable. Any error is final.
  Status Sync();
  // Bytes appended, headers and block trailers included.
  uint64_t Size() const { return size_; }

 private:
  Status WriteRecord(std::string_view record);
  Status WriteFragment(wal::FragmentType type, std::string_view payload);
  Status Write(std::string_view bytes);

  WritableFile* const file_;
  uint64_t size_ = 0;
  Status status_;
};

}  // namespace lsm
