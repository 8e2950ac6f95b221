#include "db/copy_file.h"

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

}  // namespace

Status LinkOrCopy(Env* env, const std::string& from, const std::string& to) {
  const Status linked = env->LinkFile(from, to);
  return linked.code() == StatusCode::kNotSupported ? CopyFile(env, from, to) : linked;
}

}  // namespace lsm
