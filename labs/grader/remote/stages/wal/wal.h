// Stage 1 behind the wall: every call is answered by the stage in another process, which asks back
// for what it does to its file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "contract/wal/concept.h"
#include "lsm/env.h"

namespace lsm {

class LogWriter {
 public:
  explicit LogWriter(WritableFile* file);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  Status Append(std::string_view record);
  Status Sync();
  uint64_t Size() const;

 private:
  WritableFile* const file_;
  uint64_t id_ = 0;  // in the other process
};

class LogReader {
 public:
  LogReader(SequentialFile* file, ProofTest proof);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  bool Read(std::string_view* record);
  LogEnd end() const;
  Status status() const;

 private:
  SequentialFile* const file_;
  const ProofTest proof_;
  uint64_t id_ = 0;
  std::string record_;  // that was read last
};

}  // namespace lsm
