#include <stage/version/current_file.h>

#include <array>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "format/filename.h"

namespace lsm {
namespace {

// "MANIFEST-", the 20 digits of the largest uint64_t, a newline: anything longer is damage.
constexpr size_t kCurrentBytesMax = 9 + 20 + 1;

Status BadCurrent(const std::string& path, std::string_view why) {
  return Status::Corruption(fmt::format("{}: {}", path, why));
}

// The file's bytes, at most one more than a good CURRENT can have.
Result<std::string> ReadStart(Env* env, const std::string& path) {
  LSM_ASSIGN_OR_RETURN(const std::unique_ptr<SequentialFile> file, env->OpenSequential(path));
  std::string contents;
  std::array<char, kCurrentBytesMax + 1> buffer;
  while (contents.size() < buffer.size()) {
    LSM_ASSIGN_OR_RETURN(const size_t n,
                         file->Read(buffer.size() - contents.size(), buffer.data()));
    if (n == 0) break;
    contents.append(buffer.data(), n);
  }
  return contents;
}

}  // namespace

Result<uint64_t> ReadCurrent(Env* env, const std::string& dir) {
  const std::string path = CurrentFileName(dir);
  LSM_ASSIGN_OR_RETURN(const std::string contents, ReadStart(env, path));
  if (contents.empty()) return BadCurrent(path, "is empty");
  if (contents.size() > kCurrentBytesMax) return BadCurrent(path, "is too long");
  if (contents.back() != '\n') return BadCurrent(path, "does not end with a newline");
  const std::string name = contents.substr(0, contents.size() - 1);
  if (name.find('/') != std::string::npos) return BadCurrent(path, "holds a path, not a file name");
  const ParsedFileName parsed = ParseFileName(name);
  if (parsed.kind != FileKind::kManifest ||
      ManifestFileName(dir, parsed.number) != fmt::format("{}/{}", dir, name)) {
    return BadCurrent(path, "holds no manifest name");
  }
  return parsed.number;
}

Status ReplaceCurrent(Env* env, const std::string& dir, uint64_t manifest_number) {
  const std::string manifest = ManifestFileName(dir, manifest_number);
  const std::string temp = TempFileName(dir, manifest_number);
  LSM_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, env->CreateWritable(temp, {}));
  LSM_RETURN_IF_ERROR(file->Append(manifest.substr(dir.size() + 1) + "\n"));
  LSM_RETURN_IF_ERROR(file->Sync());
  LSM_RETURN_IF_ERROR(file->Close());
  LSM_RETURN_IF_ERROR(env->RenameFile(temp, CurrentFileName(dir)));
  return env->SyncDir(dir);
}

}  // namespace lsm
