#include "db/job_queue.h"

#include <algorithm>
#include <utility>

#include "base/marks.h"

namespace lsm {

int JobQueue::Limit(JobClass c) const {
  switch (c) {
    case JobClass::kFlush:
      return threads_;
    case JobClass::kLevel0:
      return threads_ - 1;
    default:
      return std::max(1, threads_ - 2);
  }
}

bool JobQueue::MayBegin(JobClass c) const {
  // The bound of each class holds for it and the less urgent ones together.
  for (const JobClass bound : {JobClass::kFlush, JobClass::kLevel0, JobClass::kDeeper}) {
    if (bound > c) break;
    int at_work = 0;
    for (auto i = static_cast<size_t>(bound); i < at_work_.size(); ++i) at_work += at_work_[i];
    if (at_work >= Limit(bound)) return false;
  }
  return true;
}

std::unique_ptr<QueuedJob> JobQueue::BeginCompaction(const Tree& tree, uint64_t now_us) {
  if (!MayBegin(JobClass::kLevel0)) return nullptr;  // then none may
  bool waits = false;
  std::unique_ptr<QueuedJob> next = NextRequested(tree, &waits);
  if (waits) return nullptr;
  if (next == nullptr) {
    std::optional<CompactionJob> picked = NextPicked(tree, now_us);
    if (!picked) return nullptr;
    next = std::make_unique<QueuedJob>(QueuedJob{std::move(*picked), nullptr});
  }
  if (!running_.empty()) LSM_MARK(compactions_at_once);
  running_.Add(&next->job);
  Enter(ClassOf(next->job));
  return next;
}

void JobQueue::EndCompaction(QueuedJob* job, const Status& status) {
  running_.Remove(&job->job);
  Leave(ClassOf(job->job));
  if (job->request != nullptr) Answer(job->request, status);
}

void JobQueue::Answer(ManualRequest* request, const Status& status) {
  request->running = false;
  request->done = true;
  request->status = status;
  Drop(request);
}

// The job of the first request that has not begun. *waits if there is one that cannot begin now.
std::unique_ptr<QueuedJob> JobQueue::NextRequested(const Tree& tree, bool* waits) {
  while (true) {
    const auto first = std::find_if(requests_.begin(), requests_.end(),
                                    [](const ManualRequest* r) { return !r->running; });
    if (first == requests_.end()) return nullptr;
    ManualRequest* request = *first;
    // Without regard to what is busy: "nothing there" and "not now" are different answers.
    const auto pick = [&](const BusyFiles& busy) {
      return picker_->PickRange(tree, request->level, request->output_level, request->begin,
                                request->end, busy);
    };
    auto job = pick({});
    if (!job) {
      Answer(request, Status::Ok());
      continue;
    }
    if (!running_.empty()) job = pick(running_.Files());
    if (!job || !running_.Admit(*job) || !MayBegin(ClassOf(*job))) {
      LSM_MARK(manual_waits_for_running);
      *waits = true;
      return nullptr;
    }
    job->trivial_move = false;  // asked for by hand: rewrite, so that tombstones can go
    request->running = true;
    return std::make_unique<QueuedJob>(QueuedJob{std::move(*job), request});
  }
}

std::optional<CompactionJob> JobQueue::NextPicked(const Tree& tree, uint64_t now_us) const {
  if (running_.empty()) return picker_->Pick(tree, {}, now_us);
  const Tree moved_on = running_.WithRoundsMovedOn(tree);
  BusyFiles busy = running_.Files();
  while (auto job = picker_->Pick(moved_on, busy, now_us)) {
    if (MayBegin(ClassOf(*job)) && running_.Admit(*job) && StillDue(tree, *job)) return job;
    RunningJobs::AddFiles(*job, &busy);  // not that one: the next best
  }
  return std::nullopt;
}

bool JobQueue::StillDue(const Tree& tree, const CompactionJob& job) const {
  return !running_.TakesFrom(job.level) ||
         picker_->Score(running_.WithoutInputs(tree), job.level) >= 1;
}

}  // namespace lsm
