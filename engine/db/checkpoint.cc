// Checkpoint: a second database with the state of now.
//
//   1. flush, so that tables hold everything; hold a view, so that none of them is removed
//   2. link (or copy and sync) its tables into the new directory, sync the directory
//   3. make a manifest there that names them; its CURRENT is what makes it a database
#include <fmt/format.h>

#include "db/db_impl.h"

namespace lsm {
namespace {

Status CopyFile(Env* env, const std::string& from, const std::string& to) {
  LSM_ASSIGN_OR_RETURN(auto in, env->OpenSequential(from));
  LSM_ASSIGN_OR_RETURN(auto out, env->CreateWritable(to, {}));
  std::string buffer(size_t{1} << 16, '\0');
  while (true) {
    LSM_ASSIGN_OR_RETURN(const size_t n, in->Read(buffer.size(), buffer.data()));
    if (n == 0) break;
    LSM_RETURN_IF_ERROR(out->Append(std::string_view(buffer.data(), n)));
  }
  LSM_RETURN_IF_ERROR(out->Sync());
  return out->Close();
}

Status LinkOrCopy(Env* env, const std::string& from, const std::string& to) {
  if (env->LinkFile(from, to).ok()) return Status::Ok();
  return CopyFile(env, from, to);
}

}  // namespace

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
  VersionEdit edit;
  uint64_t largest_number = 0;
  for (size_t level = 0; level < view->tree->levels.size(); ++level) {
    for (const SortedRun& run : view->tree->levels[level].runs) {
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
  LSM_ASSIGN_OR_RETURN(auto copy, VersionSet::Create(versions));
  copy->MarkFileNumberUsed(largest_number);
  edit.last_sequence = sequence;
  return copy->Apply(edit);
}

}  // namespace lsm
