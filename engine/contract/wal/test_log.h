// What the log's suites are made of: files in memory with errors on demand, and a second, naive
// framing to compare with and to build damaged logs from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/coding.h"
#include "base/crc32c.h"
#include "contract/wal/concept.h"
#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm::testing {

// Counts its calls; the one with index fail_at fails, and does nothing.
class TestWritableFile final : public WritableFile {
 public:
  std::string bytes;
  size_t flushed_bytes = 0, synced_bytes = 0;
  int calls = 0, syncs = 0, fail_at = -1;

  Status Append(std::string_view data) override {
    LSM_RETURN_IF_ERROR(Count());
    bytes.append(data);
    return Status::Ok();
  }
  Status Flush() override {
    LSM_RETURN_IF_ERROR(Count());
    flushed_bytes = bytes.size();
    return Status::Ok();
  }
  Status Sync() override {
    LSM_RETURN_IF_ERROR(Count());
    flushed_bytes = synced_bytes = bytes.size();
    ++syncs;
    return Status::Ok();
  }
  Status Close() override { return Count(); }

 private:
  Status Count() {
    return calls++ == fail_at ? Status::IOError("injected: " + std::to_string(fail_at))
                              : Status::Ok();
  }
};

// Gives at most chunk_bytes a call; fails at fail_offset.
class TestSequentialFile final : public SequentialFile {
 public:
  explicit TestSequentialFile(std::string_view bytes) : bytes_(bytes) {}
  size_t chunk_bytes = SIZE_MAX;
  size_t fail_offset = SIZE_MAX;

  Result<size_t> Read(size_t n, char* scratch) override {
    if (pos_ >= fail_offset) return Status::IOError("injected read error");
    n = std::min({n, chunk_bytes, bytes_.size() - pos_, fail_offset - pos_});
    bytes_.copy(scratch, n, pos_);
    pos_ += n;
    return n;
  }

 private:
  const std::string_view bytes_;
  size_t pos_ = 0;
};

enum TestFragmentType : char { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

// One fragment with a right checksum, wherever the log ends.
inline void AddFragment(std::string* log, TestFragmentType type, std::string_view payload) {
  std::string checked(1, type);
  checked.append(payload);
  PutFixed32(log, crc32c::Mask(crc32c::Value(checked)));
  log->push_back(static_cast<char>(payload.size() % 256));
  log->push_back(static_cast<char>(payload.size() / 256));
  log->append(checked);
}

// A log built record by record, and where each begins and ends.
struct TestLog {
  std::string bytes;
  std::vector<std::string> records;
  std::vector<size_t> begins, ends;

  void Add(std::string_view record) {
    size_t room = kLogBlockBytes - bytes.size() % kLogBlockBytes;
    if (room < kLogHeaderBytes) bytes.append(room, '\0');
    records.emplace_back(record);
    begins.push_back(bytes.size());
    bool first = true;
    for (;;) {
      room = kLogBlockBytes - bytes.size() % kLogBlockBytes - kLogHeaderBytes;
      if (record.size() <= room) break;
      AddFragment(&bytes, first ? kFirst : kMiddle, record.substr(0, room));
      record.remove_prefix(room);
      first = false;
    }
    AddFragment(&bytes, first ? kFull : kLast, record);
    ends.push_back(bytes.size());
  }
  // Adds a record so that `left` bytes of the block are free behind it. Needs room for its header.
  void FillBlockBut(size_t left) {
    const size_t room = kLogBlockBytes - bytes.size() % kLogBlockBytes;
    Add(std::string(room - kLogHeaderBytes - left, 'f'));
  }
};

// Records that begin so pass the test's proof.
inline constexpr std::string_view kProof = "PROOF";

}  // namespace lsm::testing
