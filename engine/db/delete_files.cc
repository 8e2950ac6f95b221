// DeleteFilesInRange: tables leave the tree without being read.
//
//   1. flush. What is removed is gone durably at once; without it a power cut could take writes
//      that were acknowledged before, and the state would be no prefix of what was done (P2)
//   2. no snapshot may be held, and none is taken until 4: one sequence number must not show two
//      states (P11)
//   3. what can go is chosen from the newest tree (removable_tables.h), under the install lock:
//      nothing else changes the tree until the edit is applied. Inputs of running compactions stay,
//      and no compaction is picked meanwhile
//   4. one edit removes them all, one new view shows it
#include <fmt/format.h>

#include "db/db_impl.h"
#include "db/install_lock.h"
#include "db/removable_tables.h"

namespace lsm {

Result<uint64_t> DBImpl::DeleteFilesInRange(std::string_view begin, std::string_view end) {
  LSM_RETURN_IF_ERROR(Flush());
  MutexLock lock(&mu_);
  while (deleting_tables_) progress_cv_.Wait();
  deleting_tables_ = true;
  Result<uint64_t> removed = InstallDeletion(begin, end);
  deleting_tables_ = false;
  work_cv_.SignalAll();
  progress_cv_.SignalAll();
  if (removed.ok()) CollectGarbage();
  return removed;
}

Result<uint64_t> DBImpl::InstallDeletion(std::string_view begin, std::string_view end) {
  InstallLock install(this);
  LSM_RETURN_IF_ERROR(CheckOpen());
  LSM_RETURN_IF_ERROR(error_);
  if (snapshots_.size() > 0) {
    return Status::Busy(fmt::format(
        "DeleteFilesInRange: {} snapshots are held that may show what it removes; release them",
        snapshots_.size()));
  }
  VersionEdit edit;
  for (const auto& [level, file] :
       RemovableTables(*versions_->current(), cmp_, begin, end, jobs_->Busy())) {
    edit.removed.emplace_back(level, file->number);
  }
  if (edit.removed.empty()) return uint64_t{0};
  Log(LogLevel::kInfo, fmt::format("delete files in range: {} tables", edit.removed.size()));
  if (Status s = Install(&edit); !s.ok()) {
    SetError("delete files in range", s);
    return s;
  }
  for (const auto& [level, number] : edit.removed) garbage_.push_back({FileKind::kTable, number});
  PublishView();
  return uint64_t{edit.removed.size()};
}

}  // namespace lsm
