// PartInput: of a merge, the entries whose user keys are one part's. Only forward, as merges go.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "db/run_iterator.h"
#include "db/stages.h"

namespace lsm {

class PartInput {
 public:
  // User keys [begin, end), which must outlive it; null: open.
  PartInput(const InternalKeyComparator& cmp, MergingIterator<RunIterator> all,
            const std::string* begin, const std::string* end)
      : cmp_(cmp), it_(std::move(all)), begin_(begin), end_(end) {}

  void SeekToFirst() {
    if (begin_ == nullptr) {
      it_.SeekToFirst();
    } else {
      it_.Seek(MakeInternalKey(*begin_, kMaxSequence, kTypeForSeek));
    }
  }
  bool Valid() const {
    return it_.Valid() &&
           (end_ == nullptr || cmp_.CompareUserKeys(ExtractUserKey(it_.key()), *end_) < 0);
  }
  void Next() { it_.Next(); }
  std::string_view key() const { return it_.key(); }
  std::string_view value() const { return it_.value(); }
  Status status() const { return it_.status(); }

  void Seek(std::string_view) { LSM_CHECK(!"a merge does not seek"); }
  void SeekToLast() { LSM_CHECK(!"a merge goes forward"); }
  void Prev() { LSM_CHECK(!"a merge goes forward"); }

 private:
  const InternalKeyComparator cmp_;
  MergingIterator<RunIterator> it_;
  const std::string* const begin_;
  const std::string* const end_;
};

}  // namespace lsm
