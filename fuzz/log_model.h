// The rules of docs/formats/wal.md once more, as plainly as they can be said, to judge log readers
// by. Slow, for small logs. Pure functions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/coding.h"
#include "base/crc32c.h"
#include "contract/wal/concept.h"

namespace lsm::fuzz {

struct ModelLog {
  std::vector<std::string> records;
  size_t used = 0;     // bytes up to the end of the last record
  bool clean = false;  // nothing but zeros stands behind it
};

// The fragment at `offset`, or one of size 0 if none is valid there.
struct ModelFragment {
  size_t size = 0;  // with its header
  int type = 0;
  std::string_view payload{};
};

inline ModelFragment FragmentAt(std::string_view log, size_t offset) {
  const size_t block_end = std::min(offset - offset % kLogBlockBytes + kLogBlockBytes, log.size());
  if (offset + kLogHeaderBytes > block_end) return {};
  const std::string_view rest = log.substr(offset, block_end - offset);
  const size_t length = static_cast<uint8_t>(rest[4]) + size_t{256} * static_cast<uint8_t>(rest[5]);
  const int type = rest[6];
  if (type < 1 || type > 4 || kLogHeaderBytes + length > rest.size()) return {};
  if (crc32c::Mask(crc32c::Value(rest.substr(6, 1 + length))) != DecodeFixed32(rest.data())) {
    return {};
  }
  const bool goes_on = type == 2 || type == 3;
  if (goes_on && (offset + kLogHeaderBytes + length) % kLogBlockBytes != 0) return {};
  return {kLogHeaderBytes + length, type, rest.substr(kLogHeaderBytes, length)};
}

// Where a fragment may begin: a trailer shorter than a header is skipped.
inline size_t SkipTrailer(size_t offset) {
  const size_t left = kLogBlockBytes - offset % kLogBlockBytes;
  return left < kLogHeaderBytes ? offset + left : offset;
}

inline ModelLog ReadByTheRules(std::string_view log) {
  ModelLog model;
  for (;;) {
    const size_t begin = SkipTrailer(model.used);
    size_t at = begin;
    std::string record;
    bool whole = false;
    for (bool first = true; !whole; first = false) {
      const ModelFragment fragment = FragmentAt(log, at);
      const bool begins = fragment.type == 1 || fragment.type == 2;
      if (fragment.size == 0 || begins != first) break;
      record.append(fragment.payload);
      at += fragment.size;
      whole = fragment.type == 1 || fragment.type == 4;
    }
    if (!whole) {
      const std::string_view rest = log.substr(std::min(begin, log.size()));
      model.clean = rest.find_first_not_of('\0') == std::string_view::npos;
      return model;
    }
    model.records.push_back(std::move(record));
    model.used = at;
  }
}

// Makes every fragment's checksum right, found by the lengths alone.
inline void RepairLog(std::string* log) {
  size_t at = 0;
  while ((at = SkipTrailer(at)) + kLogHeaderBytes <= log->size()) {
    const size_t block_end = std::min(at - at % kLogBlockBytes + kLogBlockBytes, log->size());
    const size_t length =
        static_cast<uint8_t>((*log)[at + 4]) + size_t{256} * static_cast<uint8_t>((*log)[at + 5]);
    if (at + kLogHeaderBytes + length > block_end) return;
    const std::string_view covered(log->data() + at + 6, 1 + length);
    EncodeFixed32(log->data() + at, crc32c::Mask(crc32c::Value(covered)));
    at += kLogHeaderBytes + length;
  }
}

}  // namespace lsm::fuzz
