// MergeTables: the merge loop of a compaction. Contract: K-CUT, K-ERROR.
//
// Invariant: all versions of a user key that survive go to one output. Otherwise a later compaction
// could take the newer ones down and leave an older one above them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <stage/compaction/survival_rule.h>
#include "base/escape.h"
#include "base/marks.h"
#include "contract/compaction/concept.h"
#include "contract/compaction/job.h"
#include "format/internal_iterator.h"
#include "format/internal_key.h"
#include "format/tree.h"
#include "lsm/status.h"

namespace lsm {

// Bytes of the grandparents that the open output overlaps, followed with ascending user keys. Such
// overlap is what a later compaction of the output has to read besides it.
class GrandparentOverlap {
 public:
  GrandparentOverlap(const InternalKeyComparator& cmp, const std::vector<FileRef>& grandparents)
      : cmp_(cmp), files_(grandparents) {}

  // An output begins at `user_key`.
  void Begin(std::string_view user_key) {
    bytes_ = 0;
    while (next_ < files_.size() &&
           cmp_.CompareUserKeys(ExtractUserKey(files_[next_]->largest), user_key) < 0) {
      ++next_;
    }
    entered_ = next_;
    Extend(user_key);
  }
  // It goes on to `user_key`. Returns the overlap.
  uint64_t Extend(std::string_view user_key) {
    while (entered_ < files_.size() &&
           cmp_.CompareUserKeys(ExtractUserKey(files_[entered_]->smallest), user_key) <= 0) {
      bytes_ += files_[entered_]->bytes;
      ++entered_;
    }
    return bytes_;
  }

 private:
  InternalKeyComparator cmp_;
  const std::vector<FileRef>& files_;
  size_t next_ = 0;     // the tables before it end before the output
  size_t entered_ = 0;  // [next_, entered_) overlap the output
  uint64_t bytes_ = 0;
};

// How much of the grandparents an output may overlap, in outputs' sizes. LevelDB's: with a size
// ratio of 10 that is what an average table overlaps anyway.
inline constexpr uint64_t kMaxGrandparentFactor = 10;
// Entries between two polls: rare enough to be free, often enough to stop within a millisecond.
inline constexpr uint64_t kPollInterval = 64;

// Merges `input` into `sink`. After an error the open output is left to the caller to abandon.
template <InternalIterator Input, MergeSink Sink, MergeObserver Observer>
Status MergeTables(Input* input, SurvivalRule* rule, uint64_t max_file_bytes,
                   const std::vector<FileRef>& grandparents, const InternalKeyComparator& cmp,
                   Sink* sink, MergeStatistics* statistics, Observer* observer) {
  GrandparentOverlap overlap(cmp, grandparents);
  bool open = false;          // an output is open, and ...
  std::string last_user_key;  // ... this was added to it last
  uint64_t until_poll = kPollInterval;
  for (input->SeekToFirst(); input->Valid(); input->Next()) {
    if (--until_poll == 0) {
      until_poll = kPollInterval;
      LSM_RETURN_IF_ERROR(observer->Poll());
    }
    ++statistics->entries_in;
    ParsedInternalKey key;
    if (!ParseInternalKey(input->key(), &key)) {
      return Status::Corruption(
          fmt::format("compaction: \"{}\" is no internal key", Escape(input->key())));
    }
    if (const Survival survival = rule->Judge(key); survival != Survival::kKeep) {
      ++(survival == Survival::kDropShadowed ? statistics->shadowed_dropped
                                             : statistics->tombstones_dropped);
      observer->OnDropped(key, survival);
      continue;
    }
    const bool full = open && sink->OutputBytes() >= max_file_bytes;
    if (!open || cmp.CompareUserKeys(key.user_key, last_user_key) != 0) {
      const bool cut =
          open && (full || overlap.Extend(key.user_key) > kMaxGrandparentFactor * max_file_bytes);
      if (cut) LSM_RETURN_IF_ERROR(sink->Cut());
      if (cut || !open) overlap.Begin(key.user_key);
      open = true;
      last_user_key.assign(key.user_key);
    } else if (full) {
      LSM_MARK(user_key_not_split);
    }
    LSM_RETURN_IF_ERROR(sink->Add(input->key(), input->value()));
    ++statistics->entries_out;
  }
  LSM_RETURN_IF_ERROR(Status(input->status()));
  return open ? sink->Cut() : Status::Ok();
}

}  // namespace lsm
