// Block: a sorted list of entries with shared key prefixes; the unit in which a table is read,
// checked, compressed and cached. Format: docs/formats/sstable.md.
//
// A comparator orders internal keys. A null comparator means plain strings in bytewise order: the
// metaindex is a block of that kind.
//
// Invariants of an Iterator: (1) it never reads outside the block, whatever its bytes are; (2)
// while Valid(), key() and value() are the entry whose first byte is at current_; (3) what is
// damaged ends the iteration with a Corruption that names the offset in the block, and the next
// Seek starts anew. Builders and iterators belong to one thread each; a Block is an immutable view.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stage/sstable/key_buffer.h>

#include "base/check.h"
#include "base/coding.h"
#include "contract/sstable/concept.h"
#include "format/internal_key.h"

namespace lsm {

class BlockBuilder {
 public:
  // `comparator` must outlive the builder; it is used for checks in debug builds alone.
  BlockBuilder(const InternalKeyComparator* comparator, int restart_interval);

  // Keys ascend strictly.
  void Add(std::string_view key, std::string_view value);
  // Appends the restart array. The view stands until Reset, which must come before the next Add.
  std::string_view Finish();
  void Reset();

  size_t SizeEstimate() const;  // exact: the bytes that Finish would return
  bool empty() const { return buffer_.empty(); }

 private:
  bool Ascends(std::string_view key) const;

  const InternalKeyComparator* const comparator_;
  const int restart_interval_;
  std::string buffer_;
  std::vector<uint32_t> restarts_{0};
  int since_restart_ = 0;
  std::string last_key_;
};

class Block {
 public:
  class Iterator;

  Block() = default;  // holds nothing: its iterators are invalid until they are Reset
  explicit Block(std::string_view contents);

 private:
  uint32_t RestartOffset(uint32_t i) const {
    return DecodeFixed32(limit_ + size_t{i} * sizeof(uint32_t));
  }

  const char* begin_ = nullptr;
  const char* limit_ = nullptr;  // end of the entries, begin of the restart array
  uint32_t restarts_ = 0;        // 0: the restart array is damaged
};

class Block::Iterator {
 public:
  Iterator(const InternalKeyComparator* comparator, const Block& block)
      : comparator_(comparator),
        key_bytes_min_(comparator == nullptr ? 0 : kTagBytes),
        block_(block) {}

  // Moves to another block and keeps the buffers. Not Valid() until the next seek.
  void Reset(const Block& block);

  bool Valid() const { return current_ != nullptr; }
  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view target);
  void Next() {
    LSM_DCHECK(Valid());
    const char* next = value_.data() + value_.size();
    if (next == block_.limit_) {
      current_ = nullptr;
    } else {
      Decode(next);
    }
  }
  void Prev() {
    LSM_DCHECK(Valid());
    StepBack(current_);
  }
  std::string_view key() const { return key_.view(); }
  std::string_view value() const { return value_; }
  const Status& status() const { return status_; }

  // Where the current entry begins in the block: tells entries apart. Requires Valid().
  size_t EntryOffset() const { return static_cast<size_t>(current_ - block_.begin_); }

 private:
  struct Entry {
    uint32_t shared, unshared, value_bytes;
    const char* delta;  // the `unshared` bytes of the key; the value stands behind them
  };
  // An entry of the restart interval that a backward walk is in.
  struct Passed {
    const char* begin;
    const char* end;
    size_t key_offset;  // in passed_keys_
    uint32_t key_bytes, value_bytes;
  };

  static bool Parse(const char* p, const char* limit, Entry* entry);
  static bool ParseLongLengths(const char* p, const char* limit, Entry* entry);
  bool Start();  // common to all seeks; false if there is nothing to seek in
  bool Decode(const char* p);
  bool ApplyKey(const Entry& entry);
  bool RestartKey(uint32_t i, std::string_view* key);
  uint32_t LastRestartBefore(const char* p) const;
  bool DecodeIntervalBefore(const char* end);
  void StepBack(const char* end);
  bool Damaged(const char* at, const char* reason);  // always false
  int Compare(std::string_view a, std::string_view b) const {
    return comparator_ == nullptr ? a.compare(b) : comparator_->Compare(a, b);
  }

  const InternalKeyComparator* comparator_;
  size_t key_bytes_min_;  // shorter keys would be no internal keys
  Block block_;
  const char* current_ = nullptr;
  std::string_view value_;
  KeyBuffer key_;
  // Going backward, an interval is decoded once and then walked: the entries in front of the
  // current one, in use if and only if the last of them ends where the current one begins. Of long
  // keys only the last ones are kept (shared prefixes make keys longer than the block), and the
  // interval is decoded again when they are used up.
  static constexpr size_t kPassedKeyBytesMax = size_t{1} << 20;
  std::vector<Passed> passed_;
  std::vector<char> passed_keys_;
  Status status_;
};

inline bool Block::Iterator::Parse(const char* p, const char* limit, Entry* entry) {
  if (limit - p < 3) return false;  // three lengths of at least a byte
  entry->shared = static_cast<unsigned char>(p[0]);
  entry->unshared = static_cast<unsigned char>(p[1]);
  entry->value_bytes = static_cast<unsigned char>(p[2]);
  if ((entry->shared | entry->unshared | entry->value_bytes) < 0x80) {
    entry->delta = p + 3;
  } else if (!ParseLongLengths(p, limit, entry)) {
    return false;
  }
  return uint64_t{entry->unshared} + entry->value_bytes <=
         static_cast<uint64_t>(limit - entry->delta);
}

inline bool Block::Iterator::ApplyKey(const Entry& entry) {
  if (entry.shared > key_.size() || size_t{entry.shared} + entry.unshared < key_bytes_min_) {
    return false;
  }
  key_.ReplaceTail(entry.shared, entry.delta, entry.unshared);
  return true;
}

// Makes the entry at p the current one; key_ holds the key before it.
inline bool Block::Iterator::Decode(const char* p) {
  Entry entry;
  if (!Parse(p, block_.limit_, &entry)) return Damaged(p, "lengths beyond the entries");
  if (!ApplyKey(entry)) return Damaged(p, "bad key lengths");
  current_ = p;
  value_ = {entry.delta + entry.unshared, entry.value_bytes};
  return true;
}

static_assert(BlockBuilderStage<BlockBuilder>);
static_assert(BlockStage<Block>);

}  // namespace lsm
