// The snapshots that are alive, oldest first. Guarded by the database's mutex.
#pragma once

#include <list>
#include <vector>

#include "base/check.h"
#include "format/internal_key.h"
#include "lsm/snapshot.h"

namespace lsm {

class SnapshotList {
 public:
  // `sequence` is at least that of every older snapshot.
  const Snapshot* Add(SequenceNumber sequence) {
    LSM_DCHECK(list_.empty() || list_.back().sequence() <= sequence);
    return &list_.emplace_back(sequence);
  }
  void Remove(const Snapshot* snapshot) {
    for (auto it = list_.begin(); it != list_.end(); ++it) {
      if (&*it == snapshot) {
        list_.erase(it);
        return;
      }
    }
    LSM_CHECK(!"ReleaseSnapshot: no snapshot of this database");
  }
  size_t size() const { return list_.size(); }
  // Ascending, without repeats, ended by `newest`: what a compaction must preserve.
  std::vector<SequenceNumber> Boundaries(SequenceNumber newest) const {
    std::vector<SequenceNumber> result;
    for (const Entry& entry : list_) {
      if (result.empty() || result.back() != entry.sequence()) result.push_back(entry.sequence());
    }
    if (result.empty() || result.back() != newest) result.push_back(newest);
    return result;
  }

 private:
  class Entry final : public Snapshot {
   public:
    explicit Entry(SequenceNumber sequence) : sequence_(sequence) {}
    uint64_t sequence() const override { return sequence_; }

   private:
    const SequenceNumber sequence_;
  };

  std::list<Entry> list_;
};

}  // namespace lsm
