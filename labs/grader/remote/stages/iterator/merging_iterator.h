// Stage 5 behind the wall, the merge: sources stay on this side, and are moved as the stage in the
// other process asks.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <stage/iterator/remote_iterator.h>

namespace lsm {

template <class Source>
class MergingIterator {
 public:
  MergingIterator(const InternalKeyComparator& comparator, std::vector<Source> sources)
      : it_(std::make_unique<remote::RemoteIterator<Source>>(
            "MergingIterator()", remote::IteratorCall::kNewMerging, comparator, std::move(sources),
            remote::Out())) {}

  bool Valid() const { return it_->at().valid; }
  void SeekToFirst() { it_->MoveTo("MergingIterator::SeekToFirst", remote::Move::kSeekToFirst); }
  void SeekToLast() { it_->MoveTo("MergingIterator::SeekToLast", remote::Move::kSeekToLast); }
  void Seek(std::string_view target) {
    it_->MoveTo("MergingIterator::Seek", remote::Move::kSeek, target);
  }
  void Next() { it_->MoveTo("MergingIterator::Next", remote::Move::kNext); }
  void Prev() { it_->MoveTo("MergingIterator::Prev", remote::Move::kPrev); }
  std::string_view key() const { return it_->at().key; }
  std::string_view value() const { return it_->at().value; }
  Status status() const { return it_->at().status; }

 private:
  std::unique_ptr<remote::RemoteIterator<Source>> it_;
};

}  // namespace lsm
