// BottomTest: may a place older than a job's output hold a user key? Contract: K-BOTTOM.
//
// Asked with ascending user keys, so that each run's cursor only moves forward: amortised constant
// time, where a search would cost a logarithm for each tombstone. Not thread-safe.
#pragma once

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "contract/compaction/job.h"
#include "format/internal_key.h"
#include "format/tree.h"

namespace lsm {

class BottomTest {
 public:
  BottomTest(const Tree& tree, const CompactionJob& job, const InternalKeyComparator& cmp)
      : cmp_(cmp) {
    std::set<uint64_t> inputs;
    for (const FileRef& file : AllInputs(job)) inputs.insert(file->number);
    const auto output_level = static_cast<size_t>(job.output_level);
    for (size_t level = output_level; level < tree.levels.size(); ++level) {
      for (const SortedRun& run : tree.levels[level].runs) {
        // Tables that the output stands beside, or in front of, cannot hold an older version.
        if (level == output_level && RunNumber(run) >= job.output_run) continue;
        SortedRun others;
        for (const FileRef& file : run) {
          if (inputs.count(file->number) == 0) others.push_back(file);
        }
        if (!others.empty()) cursors_.push_back({std::move(others), 0});
      }
    }
  }

  // True only if no table older than the output may hold `user_key`.
  bool operator()(std::string_view user_key) {
    for (Cursor& cursor : cursors_) {
      if (MayHold(&cursor, user_key)) return false;
    }
    return true;
  }

 private:
  struct Cursor {
    SortedRun run;
    size_t next;  // the tables before it end before every key that is still to come
  };

  bool MayHold(Cursor* cursor, std::string_view user_key) const {
    const SortedRun& run = cursor->run;
    while (cursor->next < run.size() &&
           cmp_.CompareUserKeys(ExtractUserKey(run[cursor->next]->largest), user_key) < 0) {
      ++cursor->next;
    }
    return cursor->next < run.size() &&
           cmp_.CompareUserKeys(ExtractUserKey(run[cursor->next]->smallest), user_key) <= 0;
  }

  InternalKeyComparator cmp_;
  std::vector<Cursor> cursors_;
};

}  // namespace lsm
