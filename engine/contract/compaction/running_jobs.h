// RunningJobs: the compactions that are at work, and which further one may run beside them: K-BUSY.
//
// Why tables alone do not suffice: the inputs of a job may leave a gap in their level, and its
// outputs may span that gap in the level below. While the job runs, another may put a table into
// the gap, and a third may take that table down: no table is in two jobs, and yet their outputs
// overlap. Jobs whose outputs go to different levels never collide: each takes along what it meets
// in its own output level, and data only moves down past what it does not meet. Requires external
// locking.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "contract/compaction/concept.h"
#include "contract/compaction/job.h"
#include "format/internal_key.h"
#include "format/tree.h"

namespace lsm {

class RunningJobs {
 public:
  explicit RunningJobs(const InternalKeyComparator& cmp) : cmp_(cmp) {}

  bool empty() const { return jobs_.empty(); }
  size_t size() const { return jobs_.size(); }

  // `job` must stay where it is until it is removed.
  void Add(const CompactionJob* job) { jobs_.push_back(job); }
  void Remove(const CompactionJob* job) {
    const size_t removed = std::erase(jobs_, job);
    LSM_CHECK(removed == 1);
  }

  // May `job` begin? It shares no table with a job that runs, and meets the key range of none that
  // has the same output level.
  bool Admit(const CompactionJob& job) const {
    return std::all_of(jobs_.begin(), jobs_.end(), [&](const CompactionJob* other) {
      return !ShareTable(job, *other) &&
             (job.output_level != other->output_level || !RangesMeet(job, *other));
    });
  }

  bool TakesFrom(int level) const {
    return std::any_of(jobs_.begin(), jobs_.end(),
                       [level](const CompactionJob* job) { return job->level == level; });
  }

  // The inputs of all.
  BusyFiles Files() const {
    BusyFiles files;
    for (const CompactionJob* job : jobs_) AddFiles(*job, &files);
    return files;
  }

  // The tree with each round moved on behind the jobs that run, so that the next pick of a level
  // begins behind them and not with a busy table.
  Tree WithRoundsMovedOn(Tree tree) const {
    for (const CompactionJob* job : jobs_) {
      if (job->compact_pointer.empty()) continue;
      tree.compact_pointers[static_cast<size_t>(job->level)] = job->compact_pointer;
    }
    return tree;
  }

  // The tree without what the jobs that run take out of their level: is it due all the same?
  Tree WithoutInputs(Tree tree) const {
    for (const CompactionJob* job : jobs_) {
      BusyFiles gone;
      for (const FileRef& file : InputsOf(*job, job->level)) gone.insert(file->number);
      Level& level = tree.levels[static_cast<size_t>(job->level)];
      for (SortedRun& run : level.runs) {
        std::erase_if(run, [&](const FileRef& file) { return gone.count(file->number) > 0; });
      }
      std::erase_if(level.runs, [](const SortedRun& run) { return run.empty(); });
    }
    return tree;
  }

  static void AddFiles(const CompactionJob& job, BusyFiles* files) {
    for (const FileRef& file : AllInputs(job)) files->insert(file->number);
  }

 private:
  static bool ShareTable(const CompactionJob& a, const CompactionJob& b) {
    BusyFiles in_b;
    AddFiles(b, &in_b);
    const std::vector<FileRef> files = AllInputs(a);
    return std::any_of(files.begin(), files.end(),
                       [&in_b](const FileRef& file) { return in_b.count(file->number) > 0; });
  }
  // From the first to the last user key of all inputs.
  bool RangesMeet(const CompactionJob& a, const CompactionJob& b) const {
    const UserRange ra = Hull(AllInputs(a), cmp_), rb = Hull(AllInputs(b), cmp_);
    return cmp_.CompareUserKeys(ra.begin, rb.end) <= 0 &&
           cmp_.CompareUserKeys(rb.begin, ra.end) <= 0;
  }

  InternalKeyComparator cmp_;
  std::vector<const CompactionJob*> jobs_;
};

}  // namespace lsm
