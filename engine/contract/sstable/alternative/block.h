// Block, the second way: the builder keeps all entries until Finish; the reader decodes a whole
// block into a list and searches that. The same bytes as the reference's, with less code and more
// copies. Format: docs/formats/sstable.md. Thread-safety and semantics: contract/sstable/concept.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "contract/sstable/concept.h"

namespace lsm {

class BlockBuilder {
 public:
  BlockBuilder(const InternalKeyComparator*, int restart_interval)
      : restart_interval_(static_cast<size_t>(restart_interval)) {}

  void Add(std::string_view key, std::string_view value) {
    entries_.emplace_back(key, value);
    estimate_ += 3 + key.size() + value.size();
  }
  std::string_view Finish() {
    std::string restarts;
    std::string_view previous;
    for (size_t i = 0; i < entries_.size(); ++i) {
      const std::string_view key = entries_[i].first;
      const bool restart = i % restart_interval_ == 0;
      if (restart) PutFixed32(&restarts, static_cast<uint32_t>(bytes_.size()));
      const size_t shared = restart ? 0 : SharedPrefix(previous, key);
      PutVarint32(&bytes_, static_cast<uint32_t>(shared));
      PutVarint32(&bytes_, static_cast<uint32_t>(key.size() - shared));
      PutVarint32(&bytes_, static_cast<uint32_t>(entries_[i].second.size()));
      bytes_.append(key.substr(shared)).append(entries_[i].second);
      previous = key;
    }
    if (restarts.empty()) PutFixed32(&restarts, 0);  // there is always one
    bytes_.append(restarts);
    PutFixed32(&bytes_, static_cast<uint32_t>(restarts.size() / sizeof(uint32_t)));
    return bytes_;
  }
  void Reset() {
    entries_.clear();
    bytes_.clear();
    estimate_ = 2 * sizeof(uint32_t);
  }
  size_t SizeEstimate() const { return estimate_; }
  bool empty() const { return entries_.empty(); }

 private:
  static size_t SharedPrefix(std::string_view a, std::string_view b) {
    const size_t n = std::min(a.size(), b.size());
    return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + n, b.begin()).first -
                               a.begin());
  }

  const size_t restart_interval_;
  std::vector<std::pair<std::string, std::string>> entries_;
  std::string bytes_;
  size_t estimate_ = 2 * sizeof(uint32_t);
};

class Block {
 public:
  class Iterator;
  explicit Block(std::string_view contents) : contents_(contents) {}

 private:
  std::string_view contents_;
};

class Block::Iterator {
 public:
  Iterator(const InternalKeyComparator* comparator, const Block& block) : comparator_(comparator) {
    if (!DecodeAll(block.contents_)) {
      entries_.clear();
      status_ = Status::Corruption("damaged block contents");
    }
    at_ = entries_.size();
  }

  bool Valid() const { return at_ < entries_.size(); }
  void SeekToFirst() { at_ = 0; }
  void SeekToLast() { at_ = entries_.size() - 1; }  // of no entries: wraps to not Valid()
  void Seek(std::string_view target) {
    const auto found = std::lower_bound(
        entries_.begin(), entries_.end(), target,
        [this](const Entry& entry, std::string_view t) { return Compare(entry.key, t) < 0; });
    at_ = static_cast<size_t>(found - entries_.begin());
  }
  void Next() { ++at_; }
  void Prev() { --at_; }  // of the first entry: wraps to not Valid()
  std::string_view key() const { return entries_[at_].key; }
  std::string_view value() const { return entries_[at_].value; }
  const Status& status() const { return status_; }

 private:
  struct Entry {
    std::string key;
    std::string_view value;
  };

  // The restart points are for readers that jump into the block: this one only checks their room.
  bool DecodeAll(std::string_view bytes) {
    if (bytes.size() < 2 * sizeof(uint32_t)) return false;
    const uint64_t restarts = DecodeFixed32(bytes.data() + bytes.size() - sizeof(uint32_t));
    if (restarts == 0 || (restarts + 1) * sizeof(uint32_t) > bytes.size()) return false;
    bytes.remove_suffix((restarts + 1) * sizeof(uint32_t));
    std::string key;
    while (!bytes.empty()) {
      uint32_t shared, unshared, value_bytes;
      if (!GetVarint32(&bytes, &shared) || !GetVarint32(&bytes, &unshared) ||
          !GetVarint32(&bytes, &value_bytes)) {
        return false;
      }
      if (shared > key.size() || uint64_t{unshared} + value_bytes > bytes.size()) return false;
      key.resize(shared);
      key.append(bytes.substr(0, unshared));
      if (comparator_ != nullptr && key.size() < kTagBytes) return false;
      entries_.push_back({key, bytes.substr(unshared, value_bytes)});
      bytes.remove_prefix(unshared + value_bytes);
    }
    return true;
  }
  int Compare(std::string_view a, std::string_view b) const {
    return comparator_ == nullptr ? a.compare(b) : comparator_->Compare(a, b);
  }

  const InternalKeyComparator* comparator_;
  std::vector<Entry> entries_;
  size_t at_ = 0;
  Status status_;
};

}  // namespace lsm
