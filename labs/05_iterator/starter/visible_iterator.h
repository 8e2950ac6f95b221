// Stage 5, the user's view at a sequence number. Yours to write: the handout is
// labs/05_iterator/README.md, the contract engine/contract/iterator/concept.h.
#pragma once

#include <string_view>
#include <utility>

#include "contract/iterator/concept.h"
#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

template <class Input>
class VisibleIterator {
 public:
  VisibleIterator(const InternalKeyComparator& comparator, Input input, SequenceNumber sequence,
                  const IteratorBounds& bounds)
      : comparator_(comparator), input_(std::move(input)), sequence_(sequence), bounds_(bounds) {}

  bool Valid() const { return false; }
  void SeekToFirst() {}
  void SeekToLast() {}
  void Seek(std::string_view) {}         // user keys
  void SeekForPrev(std::string_view) {}  // the last key at or before it
  void Next() {}                         // requires Valid()
  void Prev() {}                         // requires Valid()
  std::string_view key() const { return {}; }
  std::string_view value() const { return {}; }
  Status status() const { return Status::NotSupported("I-VISIBLE: the view is not written yet"); }

 private:
  [[maybe_unused]] InternalKeyComparator comparator_;
  Input input_;
  [[maybe_unused]] SequenceNumber sequence_;
  IteratorBounds bounds_;
};

}  // namespace lsm
