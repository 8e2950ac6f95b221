// LogReader: reads a log's records in order, up to the first that is invalid, zero or cut off, and
// tells why it stopped. Memory: one block and the longest split record.
//
// What stands behind the bad spot is never returned. It only decides the verdict:
//   1. nothing but zeros up to the end of the file, and no record begun: clean;
//   2. a whole record that passes the proof test: corrupt;
//   3. else: torn.
// The search for 2 trusts nothing but checksums: where no valid fragment begins it goes on by one
// byte, for a damaged length says nothing of where the next fragment is. A fragment inside of
// a damaged payload is taken for one of the log's own: in doubt it reports.
//
// Format and reasons: docs/formats/wal.md. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <stage/wal/record_joiner.h>
#include "contract/wal/concept.h"
#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

class LogReader {
 public:
  // The file stands at its beginning and outlives the reader. A null `proof` proves nothing.
  LogReader(SequentialFile* file, ProofTest proof)
      : file_(file), proof_(std::move(proof)), buffer_(kLogBlockBytes, '\0') {}
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // The next record; it stands until the next call. False at the end.
  bool Read(std::string_view* record);

  // Both after Read returned false. status() is not OK if and only if the file could not be read.
  const LogEnd& end() const { return end_; }
  const Status& status() const { return status_; }

 private:
  std::string_view Block() const { return {buffer_.data(), block_bytes_}; }
  uint64_t Position() const { return block_offset_ + pos_; }

  // False at the end of the file and after an error.
  bool NextBlock();
  void Stop(const char* reason);
  // True if proof stands in this block at pos_ or behind.
  bool FindProofInBlock();

  SequentialFile* const file_;
  const ProofTest proof_;
  std::string buffer_;         // the current block ...
  size_t block_bytes_ = 0;     // ... as far as the file has it
  uint64_t block_offset_ = 0;  // where it begins in the file
  size_t pos_ = 0;             // in the block: all before it was used
  uint64_t record_offset_ = 0;
  wal::RecordJoiner joiner_;
  bool stopped_ = false;
  LogEnd end_;
  Status status_;
};

}  // namespace lsm
