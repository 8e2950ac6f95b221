// The alternative's visibility: no direction and no position. Every move finds the neighbouring
// user key with a seek, and looks that key up with another. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "contract/iterator/concept.h"
#include "format/internal_iterator.h"
#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

template <InternalIterator Input>
class VisibleIterator {
 public:
  VisibleIterator(const InternalKeyComparator& cmp, Input input, SequenceNumber sequence,
                  const IteratorBounds& bounds)
      : cmp_(cmp), input_(std::move(input)), sequence_(sequence), bounds_(bounds) {}

  bool Valid() const { return valid_; }

  void SeekToFirst() {
    if (bounds_.lower.data() != nullptr) return Seek(bounds_.lower);
    input_.SeekToFirst();
    ShowForward();
  }
  void Seek(std::string_view target) {
    if (bounds_.lower.data() != nullptr && cmp_.CompareUserKeys(target, bounds_.lower) < 0) {
      target = bounds_.lower;
    }
    input_.Seek(InFrontOf(target));
    ShowForward();
  }
  void Next() {
    input_.Seek(Behind(key_));
    ShowForward();
  }

  void SeekToLast() {
    if (bounds_.upper.data() != nullptr) return StepBack(InFrontOf(bounds_.upper));
    input_.SeekToLast();
    ShowBackward();
  }
  void SeekForPrev(std::string_view target) {
    if (bounds_.upper.data() != nullptr && cmp_.CompareUserKeys(target, bounds_.upper) >= 0) {
      return SeekToLast();
    }
    StepBack(Behind(target));
  }
  void Prev() { StepBack(InFrontOf(key_)); }

  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }
  Status status() const { return status_; }

 private:
  // Internal keys in front of, and behind, every version of a user key.
  static std::string InFrontOf(std::string_view user_key) {
    return MakeInternalKey(user_key, kMaxSequence, kTypeForSeek);
  }
  static std::string Behind(std::string_view user_key) {
    return MakeInternalKey(user_key, 0, ValueType::kDeletion);
  }

  void ShowForward() {
    while (Lookup()) input_.Seek(Behind(key_));
  }
  void ShowBackward() {
    while (Lookup()) SeekInputBefore(InFrontOf(key_));
  }
  void StepBack(const std::string& target) {
    SeekInputBefore(target);
    ShowBackward();
  }
  void SeekInputBefore(const std::string& target) {
    input_.Seek(target);
    if (input_.Valid()) {
      input_.Prev();
    } else if (Status(input_.status()).ok()) {
      input_.SeekToLast();
    }
    // Not there at once only if the input grew meanwhile: a memtable that is being written.
    while (input_.Valid() && input_.key().size() >= kTagBytes &&
           cmp_.Compare(input_.key(), target) >= 0) {
      input_.Prev();
    }
  }

  // Shows the user key at the input's position. True if it has no visible value: go on.
  bool Lookup() {
    valid_ = false;
    ParsedInternalKey key;
    if (!Parse(&key)) return false;
    key_ = key.user_key;
    const bool outside =
        (bounds_.lower.data() != nullptr && cmp_.CompareUserKeys(key_, bounds_.lower) < 0) ||
        (bounds_.upper.data() != nullptr && cmp_.CompareUserKeys(key_, bounds_.upper) >= 0);
    if (outside) return false;
    input_.Seek(MakeInternalKey(key_, sequence_, kTypeForSeek));
    if (!Parse(&key)) return status_.ok();
    if (cmp_.CompareUserKeys(key.user_key, key_) != 0 || key.type == ValueType::kDeletion) {
      return true;
    }
    value_ = input_.value();
    valid_ = true;
    return false;
  }

  // False at an end (status_ is OK then), after an error, and for damage.
  bool Parse(ParsedInternalKey* key) {
    status_ = input_.status();
    if (!input_.Valid()) return false;
    if (ParseInternalKey(input_.key(), key)) return true;
    status_ = Status::Corruption("iterating: no internal key");
    return false;
  }

  InternalKeyComparator cmp_;
  Input input_;
  SequenceNumber sequence_;
  IteratorBounds bounds_;
  bool valid_ = false;
  std::string key_, value_;
  Status status_;
};

}  // namespace lsm
