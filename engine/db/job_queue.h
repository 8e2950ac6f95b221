// JobQueue: what the background threads are at, and what they may begin next. It starts no thread
// and holds no lock: DBImpl asks it with mu_ held. Pure bookkeeping, so that it can be tested
// alone.
//
// Most urgent first: flushes, then compactions of level 0, then the deeper ones. A more urgent
// class must not find all threads taken by a less urgent one, so of n threads
//   n         may flush
//   n - 1     may be at compactions, but at most
//   n - 2     (and at least 1) at those of deeper levels.
// Within these bounds the picker decides: the most overfull level first.
//
// Invariants:
//   1. The bounds hold: a job begins only while MayBegin(its class).
//   2. No two jobs that run collide: RunningJobs admits each (K-BUSY).
//   3. Requests by hand begin in their order. While one waits for running jobs no picked job
//      begins: new ones could keep it waiting for ever.
//   4. A level from which a job runs gets a second one only if it is due without the inputs of
//      the first.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "contract/compaction/running_jobs.h"
#include "db/job_class.h"
#include "db/stages.h"

namespace lsm {

// A request of CompactRange for one level, on its caller's stack.
struct ManualRequest {
  int level = 0, output_level = 1;
  std::string_view begin{}, end{};  // user keys, inclusive; null data(): open
  bool running = false;
  bool done = false;
  Status status{};  // once done
};

struct QueuedJob {
  CompactionJob job;
  ManualRequest* request = nullptr;  // null: the picker's own
};

class JobQueue {
 public:
  JobQueue(int threads, const CompactionPicker* picker, const InternalKeyComparator& cmp)
      : threads_(threads), picker_(picker), running_(cmp) {}

  // Threads, at work on a job of the class.
  int Running(JobClass c) const { return at_work_[static_cast<size_t>(c)]; }
  int RunningCompactions() const { return Running(JobClass::kLevel0) + Running(JobClass::kDeeper); }
  bool Idle() const { return RunningCompactions() + Running(JobClass::kFlush) == 0; }
  // How many threads may be at work on the class, if nothing else is to do.
  int Limit(JobClass c) const;
  bool MayBegin(JobClass c) const;

  // A thread begins, or ends, work of the class.
  void Enter(JobClass c) { ++at_work_[static_cast<size_t>(c)]; }
  void Leave(JobClass c) { --at_work_[static_cast<size_t>(c)]; }

  // The next compaction, entered; `now_us` as Pick's; null if none may begin now. A request that
  // has nothing to do is answered on the way.
  std::unique_ptr<QueuedJob> BeginCompaction(const Tree& tree, uint64_t now_us);
  void EndCompaction(QueuedJob* job, const Status& status);

  BusyFiles Busy() const { return running_.Files(); }  // the inputs of what runs

  // `request` must live until it is done, or dropped.
  void Ask(ManualRequest* request) { requests_.push_back(request); }
  void Drop(ManualRequest* request) { std::erase(requests_, request); }
  size_t Requests() const { return requests_.size(); }  // not answered yet

 private:
  void Answer(ManualRequest* request, const Status& status);
  std::unique_ptr<QueuedJob> NextRequested(const Tree& tree, bool* waits);
  std::optional<CompactionJob> NextPicked(const Tree& tree, uint64_t now_us) const;
  bool StillDue(const Tree& tree, const CompactionJob& job) const;

  const int threads_;
  const CompactionPicker* const picker_;
  std::array<int, kJobClasses> at_work_{};  // by JobClass
  RunningJobs running_;
  std::deque<ManualRequest*> requests_;
};

}  // namespace lsm
