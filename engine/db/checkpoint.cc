// Checkpoint: a second database with the state of now.
//
//   1. flush, so that tables hold everything; hold a view, so that none of them is removed
//   2. link (or copy and sync) its tables into the new directory, sync the directory
//   3. make a manifest there that names them all; its CURRENT comes last and makes it a database
// A failure or a crash leaves no CURRENT: such a directory is refused, never opened as an empty
// one.
#include <fmt/format.h>

#include "db/copy_file.h"
#include "db/db_impl.h"

namespace lsm {

Status DBImpl::Checkpoint(const std::string& path) {
  LSM_RETURN_IF_ERROR(CheckOpen());
  if (env_->FileExists(path)) {
    return Status::InvalidArgument("checkpoint directory " + path + " exists");
  }
  LSM_RETURN_IF_ERROR(Flush());
  std::shared_ptr<const ReadView> view;
  SequenceNumber sequence = 0;
  {
    MutexLock lock(&mu_);
    view = View();
    sequence = last_sequence_;  // nothing in the tables is newer
  }
  LSM_RETURN_IF_ERROR(env_->CreateDir(path));
  Status s = env_->SyncDir(ParentDirName(path));
  if (s.ok()) s = FillCheckpoint(*view->tree, sequence, path);
  if (!s.ok()) RemoveCheckpoint(path);
  return s;
}

Status DBImpl::FillCheckpoint(const Tree& tree, SequenceNumber sequence, const std::string& path) {
  VersionEdit edit;
  uint64_t largest_number = 0;
  for (size_t level = 0; level < tree.levels.size(); ++level) {
    for (const SortedRun& run : tree.levels[level].runs) {
      for (const FileRef& file : run) {
        std::string from = TableFileName(dir_, file->number);
        if (!env_->FileExists(from)) from = LegacyTableFileName(dir_, file->number);
        LSM_RETURN_IF_ERROR(LinkOrCopy(env_, from, TableFileName(path, file->number)));
        edit.added.emplace_back(static_cast<int>(level), *file);
        largest_number = std::max(largest_number, file->number);
      }
    }
  }
  LSM_RETURN_IF_ERROR(env_->SyncDir(path));
  VersionOptions versions;
  versions.env = env_;
  versions.dir = path;
  versions.comparator = options_.comparator;
  versions.num_levels = options_.num_levels;
  edit.last_sequence = sequence;
  edit.next_file_number = largest_number + 1;
  return VersionSet::Create(versions, edit).status();
}

// What a failed checkpoint left behind; what cannot be removed stays, without a CURRENT.
void DBImpl::RemoveCheckpoint(const std::string& path) {
  const auto names = env_->ListDir(path);
  if (!names.ok()) return;
  for (const std::string& name : *names) env_->RemoveFile(PathIn(path, name)).IgnoreError();
  env_->RemoveDir(path).IgnoreError();
}

}  // namespace lsm
