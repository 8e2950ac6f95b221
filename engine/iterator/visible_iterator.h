// VisibleIterator: of all versions in an input, what a user sees at one sequence number. Contract:
// engine/contract/iterator/concept.h (I-VISIBLE, I-BOUNDS, I-SAME, I-KEEP).
//
// The versions of a user key stand together, newest first. Going forward the first visible one
// decides, so the input can stand at the entry that is shown, and nothing is copied but the key
// that has to be skipped. Going backward the last visible one decides, which is known only when the
// key is behind: the entry is saved. Invariants while Valid():
//   forward:  input_ stands at the entry shown;
//   backward: saved_key_ and saved_value_ are shown; input_ stands before all versions of
//   saved_key_
//             (or is exhausted, when there is nothing before them).
// Versions above the sequence number are passed over before anything else is decided from them: a
// memtable may show new ones at any moment. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/escape.h"
#include "base/marks.h"
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
    Start(Direction::kForward);
    input_.SeekToFirst();
    FindForward(/*skip_saved_key=*/false);
  }

  void SeekToLast() {
    Start(Direction::kBackward);
    if (bounds_.upper.data() != nullptr) {
      // The largest tag sorts first: in front of every version of `upper`.
      SeekInputBefore(bounds_.upper, kMaxSequence, kTypeForSeek);
    } else {
      input_.SeekToLast();
    }
    FindBackward();
  }

  void Seek(std::string_view target) {
    Start(Direction::kForward);
    if (BelowLower(target)) target = bounds_.lower;
    SeekInput(target, sequence_, kTypeForSeek);
    FindForward(/*skip_saved_key=*/false);
  }

  void SeekForPrev(std::string_view target) {
    if (AtUpper(target)) return SeekToLast();
    Start(Direction::kBackward);
    // The smallest tag sorts last. A version with that very tag is passed over, and may be: it is a
    // tombstone with nothing older to hide.
    SeekInputBefore(target, 0, ValueType::kDeletion);
    FindBackward();
  }

  void Next() {
    LSM_DCHECK(valid_);
    if (direction_ == Direction::kForward) {
      saved_key_.assign(ExtractUserKey(input_.key()));
      input_.Next();
    } else {
      LSM_MARK(iterator_direction_change);
      direction_ = Direction::kForward;
      if (!input_.Valid()) input_.SeekToFirst();  // up to saved_key_ all is skipped
    }
    FindForward(/*skip_saved_key=*/true);
  }

  void Prev() {
    LSM_DCHECK(valid_);
    if (direction_ == Direction::kForward) {
      LSM_MARK(iterator_direction_change);
      direction_ = Direction::kBackward;
      input_.Prev();  // versions of this key that come now are newer, so not visible
    }
    FindBackward();
  }

  std::string_view key() const {
    LSM_DCHECK(valid_);
    return direction_ == Direction::kForward ? ExtractUserKey(input_.key())
                                             : std::string_view(saved_key_);
  }
  std::string_view value() const {
    LSM_DCHECK(valid_);
    return direction_ == Direction::kForward ? std::string_view(input_.value())
                                             : std::string_view(saved_value_);
  }
  Status status() const { return status_.ok() ? Status(input_.status()) : status_; }

 private:
  enum class Direction : uint8_t { kForward, kBackward };

  void Start(Direction direction) {
    direction_ = direction;
    valid_ = false;
    status_ = Status::Ok();
  }

  bool BelowLower(std::string_view user_key) const {
    return bounds_.lower.data() != nullptr && cmp_.CompareUserKeys(user_key, bounds_.lower) < 0;
  }
  bool AtUpper(std::string_view user_key) const {
    return bounds_.upper.data() != nullptr && cmp_.CompareUserKeys(user_key, bounds_.upper) >= 0;
  }

  void SeekInput(std::string_view user_key, SequenceNumber sequence, ValueType type) {
    target_.clear();  // no view given out points here: `user_key` may be this iterator's key()
    AppendInternalKey(&target_, user_key, sequence, type);
    input_.Seek(target_);
  }

  // To the last entry before the first one >= the given internal key.
  void SeekInputBefore(std::string_view user_key, SequenceNumber sequence, ValueType type) {
    SeekInput(user_key, sequence, type);
    if (input_.Valid()) {
      input_.Prev();
    } else if (Status(input_.status()).ok()) {
      input_.SeekToLast();
    }
  }

  bool Parse(ParsedInternalKey* key) {
    if (ParseInternalKey(input_.key(), key)) return true;
    valid_ = false;
    status_ = Status::Corruption(
        fmt::format("iterating: \"{}\" is no internal key", Escape(input_.key())));
    return false;
  }

  // Shows the first visible entry at or behind the input's position; with skip_saved_key, of a user
  // key behind saved_key_.
  void FindForward(bool skip_saved_key) {
    valid_ = false;
    for (; input_.Valid(); input_.Next()) {
      ParsedInternalKey key;
      if (!Parse(&key) || AtUpper(key.user_key)) return;
      if (key.sequence > sequence_) continue;
      if (skip_saved_key && cmp_.CompareUserKeys(key.user_key, saved_key_) <= 0) continue;
      if (key.type == ValueType::kValue) {
        valid_ = true;
        return;
      }
      saved_key_.assign(key.user_key);  // hides the older versions
      skip_saved_key = true;
    }
  }

  // Shows the last visible user key at or before the input's position.
  void FindBackward() {
    valid_ = false;
    bool found = false;  // saved_key_ has a visible version, and none newer was seen to hide it
    for (; input_.Valid(); input_.Prev()) {
      ParsedInternalKey key;
      if (!Parse(&key)) return;
      if (BelowLower(key.user_key)) break;
      if (key.sequence > sequence_) continue;
      if (found && cmp_.CompareUserKeys(key.user_key, saved_key_) < 0) break;
      found = key.type == ValueType::kValue;
      if (found) {
        saved_key_.assign(key.user_key);
        saved_value_.assign(input_.value());
      }
    }
    // After an error a newer version may have gone unseen.
    valid_ = found && (input_.Valid() || Status(input_.status()).ok());
  }

  InternalKeyComparator cmp_;
  Input input_;
  SequenceNumber sequence_;
  IteratorBounds bounds_;
  Direction direction_ = Direction::kForward;
  bool valid_ = false;
  std::string saved_key_, saved_value_;
  std::string target_;  // of the last seek; kept for its memory
  Status status_;
};

}  // namespace lsm
