// Stage 1 again, on another axis: memory instead of streaming. The writer frames a record as one
// string and appends it with one call; the reader takes the whole file at once, and its verdict is
// a pure function of the bytes. Fit for logs of a few megabytes. One thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/marks.h"
#include "contract/wal/concept.h"
#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

namespace wal_in_memory {

// A fragment's type: 1 full, 2 first, 3 middle, 4 last.
inline char TypeOf(bool begins, bool ends) {
  return begins ? (ends ? '\1' : '\2') : (ends ? '\4' : '\3');
}

inline uint32_t Checksum(char type, std::string_view payload) {
  return crc32c::Mask(crc32c::Extend(crc32c::Value({&type, 1}), payload));
}

// The record that begins at `offset`, or why there is none. `end` is the byte behind it.
struct Parsed {
  const char* bad = nullptr;
  std::string record{};
  uint64_t end = 0;
};

inline Parsed ParseRecord(std::string_view log, uint64_t offset) {
  Parsed parsed;
  for (bool begins = true;; begins = false) {
    const uint64_t left = kLogBlockBytes - offset % kLogBlockBytes;
    if (offset + kLogHeaderBytes > log.size()) return {"record cut off"};
    const char* header = log.data() + offset;
    const uint64_t length = static_cast<uint8_t>(header[4]) | static_cast<uint8_t>(header[5]) << 8;
    const char type = header[6];
    const bool ends = type == TypeOf(begins, true);
    if (!ends && type != TypeOf(begins, false)) return {"fragment of the wrong type"};
    if (kLogHeaderBytes + length > left) return {"length beyond the block"};
    if (!ends && kLogHeaderBytes + length != left) return {"split before the end of the block"};
    if (offset + kLogHeaderBytes + length > log.size()) return {"record cut off"};
    const std::string_view payload = log.substr(offset + kLogHeaderBytes, length);
    if (Checksum(type, payload) != DecodeFixed32(header)) return {"checksum mismatch"};
    parsed.record.append(payload);
    offset += kLogHeaderBytes + length;
    if (ends) break;
  }
  parsed.end = offset;
  return parsed;
}

// Where a record may begin: `offset`, or the next block if only a trailer is left in this one.
inline uint64_t SkipTrailer(uint64_t offset) {
  const uint64_t left = kLogBlockBytes - offset % kLogBlockBytes;
  return left < kLogHeaderBytes ? offset + left : offset;
}

}  // namespace wal_in_memory

class LogWriter {
 public:
  explicit LogWriter(WritableFile* file) : file_(file) {}

  Status Append(std::string_view record) {
    if (!status_.ok()) return status_;
    std::string framed;
    bool begins = true;
    bool ends = false;
    while (!ends) {
      const uint64_t at = size_ + framed.size();
      framed.append(wal_in_memory::SkipTrailer(at) - at, '\0');
      const uint64_t left = kLogBlockBytes - (size_ + framed.size()) % kLogBlockBytes;
      const std::string_view payload = record.substr(0, left - kLogHeaderBytes);
      record.remove_prefix(payload.size());
      ends = record.empty();
      if (!ends) LSM_MARK(wal_fragment_across_block);
      const char type = wal_in_memory::TypeOf(begins, ends);
      PutFixed32(&framed, wal_in_memory::Checksum(type, payload));
      framed.push_back(static_cast<char>(payload.size() & 0xff));
      framed.push_back(static_cast<char>(payload.size() >> 8));
      framed.push_back(type);
      framed.append(payload);
      begins = false;
    }
    status_ = file_->Append(framed);
    if (status_.ok()) status_ = file_->Flush();
    size_ += framed.size();
    return status_;
  }

  Status Sync() {
    if (status_.ok()) status_ = file_->Sync();
    return status_;
  }

  uint64_t Size() const { return size_; }

 private:
  WritableFile* const file_;
  uint64_t size_ = 0;
  Status status_;
};

class LogReader {
 public:
  LogReader(SequentialFile* file, ProofTest proof) : proof_(std::move(proof)) {
    status_ = ReadWhole(file);
    if (!status_.ok()) end_ = {LogEndKind::kIoError, 0, "read error"};
  }

  bool Read(std::string_view* record) {
    if (end_.has_value()) return false;
    const uint64_t begin = wal_in_memory::SkipTrailer(offset_);
    if (begin >= log_.size()) {
      end_ = {LogEndKind::kClean, offset_, ""};
      return false;
    }
    wal_in_memory::Parsed parsed = wal_in_memory::ParseRecord(log_, begin);
    if (parsed.bad != nullptr) {
      end_ = {Judge(begin), begin, parsed.bad};
      return false;
    }
    record_ = std::move(parsed.record);
    offset_ = parsed.end;
    *record = record_;
    return true;
  }

  LogEnd end() const { return end_.value_or(LogEnd{}); }
  const Status& status() const { return status_; }

 private:
  Status ReadWhole(SequentialFile* file) {
    for (;;) {
      const size_t size = log_.size();
      log_.resize(size + kLogBlockBytes);
      const Result<size_t> n = file->Read(kLogBlockBytes, log_.data() + size);
      log_.resize(size + (n.ok() ? *n : 0));
      if (!n.ok() || *n == 0) return n.status();
    }
  }

  LogEndKind Judge(uint64_t bad) const {
    if (log_.find_first_not_of('\0', bad) == std::string::npos) return LogEndKind::kClean;
    for (uint64_t at = bad; at < log_.size();) {
      const wal_in_memory::Parsed parsed = wal_in_memory::ParseRecord(log_, at);
      const bool whole = parsed.bad == nullptr;
      if (whole && proof_ != nullptr && proof_(parsed.record)) return LogEndKind::kCorrupt;
      at = whole ? wal_in_memory::SkipTrailer(parsed.end) : at + 1;
    }
    return LogEndKind::kTorn;
  }

  const ProofTest proof_;
  std::string log_;
  std::string record_;
  uint64_t offset_ = 0;
  std::optional<LogEnd> end_;
  Status status_;
};

}  // namespace lsm
