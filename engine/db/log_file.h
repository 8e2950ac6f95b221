// LogFile: one write-ahead log of the database: the wal stage's framing, the synced-up-to proof,
// and the durability of the file's own directory entry.
//
// Invariants:
//   1. Records are write batches with consecutive sequence numbers.
//   2. The first append after a successful Sync is preceded by an empty batch that carries the last
//      sequence number that was synced: damage before it cannot be a torn tail.
//   3. Sync returns OK only when the bytes and, once a file, its directory entry are durable.
// Not thread-safe: the leader of the write queue owns it.
#pragma once

#include <memory>
#include <string>

#include "db/stages.h"
#include "format/internal_key.h"
#include "lsm/env.h"

namespace lsm {

class LogFile {
 public:
  static Result<std::unique_ptr<LogFile>> Create(Env* env, const std::string& dir, uint64_t number,
                                                 const WritableFileOptions& options);

  // `batch` is a batch's bytes; `last` the sequence number of its last update.
  Status Append(std::string_view batch, SequenceNumber last);
  Status Sync();
  Status Close();

  uint64_t number() const { return number_; }
  uint64_t Size() const { return writer_.Size(); }
  bool HasUnsyncedRecords() const { return last_appended_ > last_synced_; }
  bool empty() const { return last_appended_ == 0; }

 private:
  LogFile(Env* env, std::string dir, uint64_t number, std::unique_ptr<WritableFile> file)
      : env_(env),
        dir_(std::move(dir)),
        number_(number),
        file_(std::move(file)),
        writer_(file_.get()) {}

  Env* const env_;
  const std::string dir_;
  const uint64_t number_;
  std::unique_ptr<WritableFile> file_;
  LogWriter writer_;
  SequenceNumber last_appended_ = 0, last_synced_ = 0;  // 0: nothing yet
  bool entry_durable_ = false;
  bool proof_due_ = false;
};

}  // namespace lsm
