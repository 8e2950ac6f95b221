#include "testing/files.h"

#include "lsm/env.h"

namespace lsm::lab {

Result<std::string> LoadText(const std::string& path) {
  Env* env = Env::Default();
  LSM_ASSIGN_OR_RETURN(auto file, env->OpenSequential(path));
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    LSM_ASSIGN_OR_RETURN(const size_t n, file->Read(sizeof(buffer), buffer));
    if (n == 0) return text;
    text.append(buffer, n);
  }
}

Status SaveText(const std::string& path, std::string_view text) {
  Env* env = Env::Default();
  const size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    LSM_RETURN_IF_ERROR(env->CreateDir(path.substr(0, slash)));
  }
  LSM_ASSIGN_OR_RETURN(auto file, env->CreateWritable(path, {}));
  LSM_RETURN_IF_ERROR(file->Append(text));
  return file->Close();
}

Status RemoveTree(const std::string& dir) {
  Env* env = Env::Default();
  if (!env->FileExists(dir)) return Status::Ok();
  LSM_ASSIGN_OR_RETURN(const auto names, env->ListDir(dir));
  for (const std::string& name : names) LSM_RETURN_IF_ERROR(env->RemoveFile(dir + "/" + name));
  return env->RemoveDir(dir);
}

}  // namespace lsm::lab
