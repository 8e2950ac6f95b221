// VectorSource: an InternalIterator over entries in memory, for tests of what reads through
// iterators.
//
// It is as hostile as the concept allows: the bytes of key() and value() are overwritten by every
// move, and the source can fail on arrival at a chosen entry. Copyable; not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

struct Entry {
  std::string key;  // internal
  std::string value;

  bool operator==(const Entry&) const = default;
};
using Entries = std::vector<Entry>;

inline Entry PutEntry(std::string_view key, SequenceNumber sequence, std::string_view value = "") {
  return {MakeInternalKey(key, sequence, ValueType::kValue), std::string(value)};
}
inline Entry DeleteEntry(std::string_view key, SequenceNumber sequence) {
  return {MakeInternalKey(key, sequence, ValueType::kDeletion), ""};
}

inline void SortEntries(Entries* entries, const InternalKeyComparator& cmp) {
  std::stable_sort(entries->begin(), entries->end(), [&cmp](const Entry& a, const Entry& b) {
    return cmp.Compare(a.key, b.key) < 0;
  });
}

class VectorSource {
 public:
  static constexpr size_t kNever = SIZE_MAX;

  // `entries` are sorted by `cmp`. Arriving at entry `fail_at`, or at the end if that is their
  // number, is an IOError.
  VectorSource(const InternalKeyComparator& cmp, Entries entries, size_t fail_at = kNever)
      : cmp_(cmp),
        entries_(std::make_shared<const Entries>(std::move(entries))),
        fail_at_(fail_at),
        at_(entries_->size()) {}

  bool Valid() const { return status_.ok() && at_ < entries_->size(); }
  void SeekToFirst() { Arrive(0); }
  // Before the first and behind the last entry are one position: size().
  void SeekToLast() { Arrive(entries_->empty() ? 0 : entries_->size() - 1); }
  void Seek(std::string_view target) {
    size_t i = 0;
    while (i < entries_->size() && cmp_.Compare((*entries_)[i].key, target) < 0) ++i;
    Arrive(i);
  }
  void Next() {
    LSM_CHECK(Valid());
    Arrive(at_ + 1);
  }
  void Prev() {
    LSM_CHECK(Valid());
    Arrive(at_ == 0 ? entries_->size() : at_ - 1);
  }
  std::string_view key() const {
    LSM_CHECK(Valid());
    return key_;
  }
  std::string_view value() const {
    LSM_CHECK(Valid());
    return value_;
  }
  Status status() const { return status_; }

 private:
  void Arrive(size_t i) {
    std::fill(key_.begin(), key_.end(), '?');
    std::fill(value_.begin(), value_.end(), '?');
    at_ = i;
    status_ = i == fail_at_ ? Status::IOError("read of entry " + std::to_string(i)) : Status::Ok();
    if (!Valid()) return;
    key_ = (*entries_)[i].key;
    value_ = (*entries_)[i].value;
  }

  InternalKeyComparator cmp_;
  std::shared_ptr<const Entries> entries_;
  size_t fail_at_;
  size_t at_;
  std::string key_, value_;
  Status status_;
};

}  // namespace lsm
