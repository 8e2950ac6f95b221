// Destroy: removes the files of a database and nothing else.
#include "db/check_options.h"
#include "format/filename.h"
#include "lsm/db.h"

namespace lsm {

Status DB::Destroy(const Options& options, const std::string& path) {
  LSM_RETURN_IF_ERROR(CheckOptions(options));
  Env* env = options.env;
  if (!env->FileExists(path)) return Status::Ok();
  LSM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env->ListDir(path));
  bool is_database = false;
  bool others = false;
  for (const std::string& name : names) {
    const FileKind kind = ParseFileName(name).kind;
    const bool other = kind == FileKind::kUnknown || kind == FileKind::kLostDir;
    is_database |= !other;
    others |= other;
  }
  if (!is_database) {
    return others ? Status::InvalidArgument(path + " holds no database; nothing was removed")
                  : env->RemoveDir(path);
  }
  {
    LSM_ASSIGN_OR_RETURN(auto lock, env->LockFile(LockFileName(path)));
    // CURRENT first: without it a half-removed database is never opened.
    if (env->FileExists(CurrentFileName(path))) {
      LSM_RETURN_IF_ERROR(env->RemoveFile(CurrentFileName(path)));
      LSM_RETURN_IF_ERROR(env->SyncDir(path));
    }
    for (const std::string& name : names) {
      const FileKind kind = ParseFileName(name).kind;
      if (kind == FileKind::kUnknown || kind == FileKind::kLostDir || kind == FileKind::kCurrent ||
          kind == FileKind::kLock) {
        continue;
      }
      LSM_RETURN_IF_ERROR(env->RemoveFile(PathIn(path, name)));
    }
    // While it is held: whoever waits for it must not get a lock that nobody else sees.
    LSM_RETURN_IF_ERROR(env->RemoveFile(LockFileName(path)));
  }
  return others ? Status::Ok() : env->RemoveDir(path);
}

}  // namespace lsm
