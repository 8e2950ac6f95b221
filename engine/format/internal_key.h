// Internal keys: a user key followed by a fixed64 tag = sequence << 8 | type.
//
// Order: user key ascending (the comparator's), then tag descending, so that the newest version of
// a key comes first. The tag of a lookup is (sequence, kValue): kValue is the larger type, so it
// finds every version with that sequence or below.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/coding.h"
#include "lsm/comparator.h"

namespace lsm {

using SequenceNumber = uint64_t;

// 56 bits: the tag's low byte is the type.
inline constexpr SequenceNumber kMaxSequence = (uint64_t{1} << 56) - 1;
inline constexpr size_t kTagBytes = 8;

// On disk in every log, table and manifest: never change the numbers.
enum class ValueType : uint8_t { kDeletion = 0, kValue = 1 };
inline constexpr ValueType kTypeForSeek = ValueType::kValue;

inline uint64_t PackTag(SequenceNumber sequence, ValueType type) {
  LSM_DCHECK(sequence <= kMaxSequence);
  return sequence << 8 | static_cast<uint8_t>(type);
}

struct ParsedInternalKey {
  std::string_view user_key;
  SequenceNumber sequence = 0;
  ValueType type = ValueType::kDeletion;
};

// False if `key` is too short or its type unknown.
inline bool ParseInternalKey(std::string_view key, ParsedInternalKey* out) {
  if (key.size() < kTagBytes) return false;
  const uint64_t tag = DecodeFixed64(key.data() + key.size() - kTagBytes);
  if ((tag & 0xff) > static_cast<uint8_t>(ValueType::kValue)) return false;
  out->user_key = key.substr(0, key.size() - kTagBytes);
  out->sequence = tag >> 8;
  out->type = static_cast<ValueType>(tag & 0xff);
  return true;
}

// Require a well-formed internal key.
inline std::string_view ExtractUserKey(std::string_view key) {
  LSM_DCHECK(key.size() >= kTagBytes);
  return key.substr(0, key.size() - kTagBytes);
}
inline uint64_t ExtractTag(std::string_view key) {
  LSM_DCHECK(key.size() >= kTagBytes);
  return DecodeFixed64(key.data() + key.size() - kTagBytes);
}

inline void AppendInternalKey(std::string* dst, std::string_view user_key, SequenceNumber sequence,
                              ValueType type) {
  dst->append(user_key);
  PutFixed64(dst, PackTag(sequence, type));
}
inline std::string MakeInternalKey(std::string_view user_key, SequenceNumber sequence,
                                   ValueType type) {
  std::string key;
  key.reserve(user_key.size() + kTagBytes);
  AppendInternalKey(&key, user_key, sequence, type);
  return key;
}

// Compares without a virtual call when the user's order is the bytewise one. Copyable, thread-safe.
class InternalKeyComparator {
 public:
  explicit InternalKeyComparator(const Comparator* user)
      : user_(user), bytewise_(user == BytewiseComparator()) {}

  const Comparator* user_comparator() const { return user_; }

  int CompareUserKeys(std::string_view a, std::string_view b) const {
    return bytewise_ ? a.compare(b) : user_->Compare(a, b);
  }

  // Requires well-formed internal keys.
  int Compare(std::string_view a, std::string_view b) const {
    const int r = CompareUserKeys(ExtractUserKey(a), ExtractUserKey(b));
    if (r != 0) return r;
    const uint64_t tag_a = ExtractTag(a);
    const uint64_t tag_b = ExtractTag(b);
    return tag_a > tag_b ? -1 : tag_a < tag_b ? 1 : 0;
  }

  // As Comparator's, on internal keys; the result is an internal key in [*start, limit).
  void FindShortestSeparator(std::string* start, std::string_view limit) const;
  void FindShortSuccessor(std::string* key) const;

 private:
  const Comparator* user_;
  bool bytewise_;
};

// The internal key of a lookup, on the stack for keys of ordinary length: no allocation per Get.
class LookupKey {
 public:
  LookupKey(std::string_view user_key, SequenceNumber sequence) {
    const size_t n = user_key.size() + kTagBytes;
    if (n > sizeof(inline_)) {
      heap_.resize(n);
      data_ = heap_.data();
    }
    user_key.copy(data_, user_key.size());  // unlike memcpy, also for a null view
    EncodeFixed64(data_ + user_key.size(), PackTag(sequence, kTypeForSeek));
    size_ = n;
  }
  LookupKey(const LookupKey&) = delete;
  LookupKey& operator=(const LookupKey&) = delete;

  std::string_view internal_key() const { return {data_, size_}; }
  std::string_view user_key() const { return {data_, size_ - kTagBytes}; }
  SequenceNumber sequence() const { return DecodeFixed64(data_ + size_ - kTagBytes) >> 8; }

 private:
  char inline_[200];
  std::string heap_;
  char* data_ = inline_;
  size_t size_ = 0;
};

// What one place (a memtable, a table) knows of a key at a sequence number.
enum class LookupState : uint8_t {
  kAbsent,   // no version here: an older place may know
  kFound,    // the value is here
  kDeleted,  // a tombstone is here: the search ends, the key is not found
};

}  // namespace lsm
