// SurvivalRule: which versions of a user key a merge must keep. Contract: K-NEWEST, K-TOMB.
//
// The snapshots cut the sequence numbers into stripes: (.., s0], (s0, s1], ... A snapshot sees the
// newest version at or below it, so of the versions in one stripe only the newest can be seen by
// anyone. Stripe 0 is seen by every snapshot; if its newest version is a tombstone and nothing lies
// below, then no snapshot can tell the tombstone from no version at all. Versions above the last
// snapshot are kept all: a snapshot to come may fall between them. Asked for each entry in merged
// order. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/marks.h"
#include "contract/compaction/job.h"
#include "format/internal_key.h"

namespace lsm {

class SurvivalRule {
 public:
  // `snapshots` ascend; the last is the newest visible sequence. `bottom` as BottomTest.
  SurvivalRule(const InternalKeyComparator& cmp, std::vector<SequenceNumber> snapshots,
               std::function<bool(std::string_view)> bottom)
      : cmp_(cmp), snapshots_(std::move(snapshots)), bottom_(std::move(bottom)) {
    LSM_CHECK(!snapshots_.empty());
    LSM_DCHECK(std::is_sorted(snapshots_.begin(), snapshots_.end()));
  }

  Survival Judge(const ParsedInternalKey& key) {
    const bool newest = !has_key_ || cmp_.CompareUserKeys(key.user_key, user_key_) != 0;
    const size_t newer_stripe = newest ? kNoStripe : stripe_;
    if (newest) {
      has_key_ = true;
      user_key_.assign(key.user_key);
    }
    stripe_ = StripeOf(key.sequence);
    if (stripe_ == snapshots_.size()) return Survival::kKeep;
    if (stripe_ == newer_stripe) return Survival::kDropShadowed;
    if (!newest) LSM_MARK(version_kept_for_snapshot);
    if (key.type != ValueType::kDeletion || stripe_ != 0) return Survival::kKeep;
    if (!bottom_(key.user_key)) {
      LSM_MARK(tombstone_kept_for_deeper_level);
      return Survival::kKeep;
    }
    LSM_MARK(tombstone_dropped);
    return Survival::kDropTombstone;
  }

 private:
  static constexpr size_t kNoStripe = SIZE_MAX;

  // Index of the oldest snapshot that sees the sequence; snapshots_.size() if none does.
  size_t StripeOf(SequenceNumber sequence) const {
    const auto oldest = std::lower_bound(snapshots_.begin(), snapshots_.end(), sequence);
    return static_cast<size_t>(oldest - snapshots_.begin());
  }

  InternalKeyComparator cmp_;
  std::vector<SequenceNumber> snapshots_;
  std::function<bool(std::string_view)> bottom_;
  bool has_key_ = false;
  std::string user_key_;  // of the entry judged last
  size_t stripe_ = 0;     // the same entry's
};

}  // namespace lsm
