// Stage 5 behind the wall, the user's view: its input stays on this side, and is moved as the stage
// in the other process asks.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <stage/iterator/remote_iterator.h>
#include "contract/iterator/concept.h"

namespace lsm {

template <class Input>
class VisibleIterator {
 public:
  VisibleIterator(const InternalKeyComparator& comparator, Input input, SequenceNumber sequence,
                  const IteratorBounds& bounds)
      : it_(std::make_unique<remote::RemoteIterator<Input>>(
            "VisibleIterator()", remote::IteratorCall::kNewVisible, comparator,
            Alone(std::move(input)), View(sequence, bounds))) {}

  bool Valid() const { return it_->at().valid; }
  void SeekToFirst() { it_->MoveTo("VisibleIterator::SeekToFirst", remote::Move::kSeekToFirst); }
  void SeekToLast() { it_->MoveTo("VisibleIterator::SeekToLast", remote::Move::kSeekToLast); }
  void Seek(std::string_view target) {
    it_->MoveTo("VisibleIterator::Seek", remote::Move::kSeek, target);
  }
  void SeekForPrev(std::string_view target) {
    it_->MoveTo("VisibleIterator::SeekForPrev", remote::Move::kSeekForPrev, target);
  }
  void Next() { it_->MoveTo("VisibleIterator::Next", remote::Move::kNext); }
  void Prev() { it_->MoveTo("VisibleIterator::Prev", remote::Move::kPrev); }
  std::string_view key() const { return it_->at().key; }
  std::string_view value() const { return it_->at().value; }
  Status status() const { return it_->at().status; }

 private:
  static std::vector<Input> Alone(Input input) {
    std::vector<Input> inputs;
    inputs.push_back(std::move(input));
    return inputs;
  }
  // A bound is told by two fields: whether it is open, and its key.
  static remote::Out View(SequenceNumber sequence, const IteratorBounds& bounds) {
    remote::Out out;
    out.Number(sequence);
    for (const std::string_view bound : {bounds.lower, bounds.upper}) {
      out.Number(bound.data() == nullptr ? 1 : 0).Bytes(bound);
    }
    return out;
  }

  std::unique_ptr<remote::RemoteIterator<Input>> it_;
};

}  // namespace lsm
