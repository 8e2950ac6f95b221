// Stage 5, the merge. Yours to write: the handout is labs/05_iterator/README.md, the contract
// engine/contract/iterator/concept.h. `./lab grade iterator` says what to do next.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

template <class Source>
class MergingIterator {
 public:
  // Sources are newest first. Moving one costs much more than comparing keys.
  MergingIterator(const InternalKeyComparator& comparator, std::vector<Source> sources)
      : comparator_(comparator), sources_(std::move(sources)) {}

  bool Valid() const { return false; }
  void SeekToFirst() {}
  void SeekToLast() {}
  void Seek(std::string_view) {}
  void Next() {}  // requires Valid()
  void Prev() {}  // requires Valid()
  std::string_view key() const { return {}; }
  std::string_view value() const { return {}; }
  Status status() const { return Status::NotSupported("I-MERGE: the merge is not written yet"); }

 private:
  [[maybe_unused]] InternalKeyComparator comparator_;
  std::vector<Source> sources_;
};

}  // namespace lsm
