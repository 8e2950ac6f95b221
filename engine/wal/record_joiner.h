// RecordJoiner: fragments to records.
//
// Invariant: what is collected are the first fragments of one record, in order, without a gap.
// One thread at a time.
#pragma once

#include <string>
#include <string_view>

#include <stage/wal/fragment.h>

namespace lsm::wal {

class RecordJoiner {
 public:
  // True between a record's first fragment and its last.
  bool InRecord() const { return in_record_; }

  // True if a fragment of this type may come next.
  bool Fits(FragmentType type) const {
    return in_record_ == (type == FragmentType::kMiddle || type == FragmentType::kLast);
  }

  // Forgets what was collected: what comes next does not follow on it.
  void Drop() { in_record_ = false; }

  // Requires Fits. True when the fragment completes a record, which stands until the next call, or
  // as long as the fragment's payload.
  bool Add(const Fragment& fragment, std::string_view* record) {
    switch (fragment.type) {
      case FragmentType::kFull:
        *record = fragment.payload;  // the common case copies nothing
        return true;
      case FragmentType::kFirst:
        collected_.assign(fragment.payload);
        in_record_ = true;
        return false;
      case FragmentType::kMiddle:
        collected_.append(fragment.payload);
        return false;
      case FragmentType::kLast:
        collected_.append(fragment.payload);
        in_record_ = false;
        *record = collected_;
        return true;
    }
    return false;
  }

 private:
  std::string collected_;
  bool in_record_ = false;
};

}  // namespace lsm::wal
