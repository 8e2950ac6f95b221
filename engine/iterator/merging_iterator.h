// MergingIterator: several sorted sources as one sorted sequence. Contract:
// engine/contract/iterator/concept.h (I-MERGE, I-TURN, I-ERROR).
//
// The entries of all sources have one total order: by internal key, then by the place of their
// source (newest first). Going backward yields exactly the reverse. Invariants while Valid():
//   1. heads_ is a binary heap of the sources that are not exhausted; its top is the current entry;
//   2. every other source stands at its first entry behind the current one in the walking
//      direction. So a turn costs each of them one step, and no search;
//   3. a head's key is a view into its source, and stands because that source does not move.
// A heap, because a source that stays the smallest is found so with two comparisons, and one of
// many small sources with about twice the logarithm. One source costs one branch. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/marks.h"
#include "format/internal_iterator.h"
#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

template <InternalIterator Source>
class MergingIterator {
 public:
  MergingIterator(const InternalKeyComparator& cmp, std::vector<Source> sources)
      : cmp_(cmp), sources_(std::move(sources)) {
    heads_.reserve(sources_.size());
  }

  bool Valid() const { return !heads_.empty(); }

  void SeekToFirst() {
    Position(Direction::kForward, [](Source& source) { source.SeekToFirst(); });
  }
  void SeekToLast() {
    Position(Direction::kBackward, [](Source& source) { source.SeekToLast(); });
  }
  void Seek(std::string_view target) {
    Position(Direction::kForward, [target](Source& source) { source.Seek(target); });
  }

  void Next() { Move(Direction::kForward); }
  void Prev() { Move(Direction::kBackward); }

  std::string_view key() const {
    LSM_DCHECK(Valid());
    return heads_.front().key;
  }
  std::string_view value() const {
    LSM_DCHECK(Valid());
    return sources_[heads_.front().source].value();
  }
  // A source may learn only after an entry was used that its bytes were not sound: each is asked.
  Status status() const {
    if (!status_.ok()) return status_;
    for (const Source& source : sources_) {
      if (Status s = source.status(); !s.ok()) return s;
    }
    return Status::Ok();
  }

 private:
  enum class Direction : uint8_t { kForward, kBackward };

  struct Head {
    std::string_view key;
    size_t source;
  };

  // The order of the walk: true if `a` is yielded before `b`.
  bool Precedes(const Head& a, const Head& b) const {
    int order = cmp_.Compare(a.key, b.key);
    if (order == 0) order = a.source < b.source ? -1 : 1;
    return direction_ == Direction::kForward ? order < 0 : order > 0;
  }

  template <class Seeker>
  void Position(Direction direction, const Seeker& seek) {
    direction_ = direction;
    status_ = Status::Ok();
    heads_.clear();
    for (size_t i = 0; i < sources_.size(); ++i) {
      seek(sources_[i]);
      if (!AddHead(i)) return;
    }
    BuildHeap();
  }

  void Move(Direction direction) {
    LSM_DCHECK(Valid());
    if (direction_ != direction) {
      Turn(direction);
      if (!Valid()) return;
    }
    Head& top = heads_.front();
    Source& source = sources_[top.source];
    Step(&source);
    if (source.Valid()) {
      top.key = source.key();
      if (!CheckKey(top.key)) return;
    } else {
      if (!CheckSource(source)) return;
      top = heads_.back();
      heads_.pop_back();
    }
    SiftDown(0);
  }

  // Restores invariant 2 for the other direction; the current entry stays.
  void Turn(Direction direction) {
    LSM_MARK(iterator_direction_change);
    direction_ = direction;
    const Head current = heads_.front();
    heads_.assign(1, current);
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (i == current.source) continue;
      Source& source = sources_[i];
      if (source.Valid()) {
        Step(&source);
      } else if (direction == Direction::kForward) {
        source.SeekToFirst();
      } else {
        source.SeekToLast();
      }
      // More than one step only if the source grew meanwhile: a memtable that is being written.
      while (source.Valid() && source.key().size() >= kTagBytes &&
             Precedes({source.key(), i}, current)) {
        Step(&source);
      }
      if (!AddHead(i)) return;
    }
    BuildHeap();
  }

  void Step(Source* source) {
    if (direction_ == Direction::kForward) {
      source->Next();
    } else {
      source->Prev();
    }
  }

  // Puts source i behind the heads, unless it is exhausted. False if that ended the iteration.
  bool AddHead(size_t i) {
    if (!sources_[i].Valid()) return CheckSource(sources_[i]);
    heads_.push_back({sources_[i].key(), i});
    return CheckKey(heads_.back().key);
  }

  // An exhausted source is fine; a failed one must not be taken for it.
  bool CheckSource(const Source& source) {
    status_ = source.status();
    if (!status_.ok()) heads_.clear();
    return status_.ok();
  }

  // The comparator reads the tag, so a key without one must not reach it.
  bool CheckKey(std::string_view key) {
    if (key.size() >= kTagBytes) return true;
    status_ = Status::Corruption(
        fmt::format("merging: an internal key of {} bytes has no room for its tag", key.size()));
    heads_.clear();
    return false;
  }

  void BuildHeap() {
    for (size_t i = heads_.size() / 2; i-- > 0;) SiftDown(i);
  }

  // Moves the head at i down until both its children come after it.
  void SiftDown(size_t i) {
    const size_t n = heads_.size();
    for (size_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
      if (child + 1 < n && Precedes(heads_[child + 1], heads_[child])) ++child;
      if (!Precedes(heads_[child], heads_[i])) return;
      std::swap(heads_[child], heads_[i]);
      i = child;
    }
  }

  InternalKeyComparator cmp_;
  std::vector<Source> sources_;  // newest first
  std::vector<Head> heads_;
  Direction direction_ = Direction::kForward;
  Status status_;
};

}  // namespace lsm
