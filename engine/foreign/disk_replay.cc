#include "foreign/disk_replay.h"

#include <fmt/format.h>

#include <filesystem>

#include "lsm/env.h"
#include "testing/digest.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

using Kind = FileCall::Kind;

constexpr std::string_view kRoot = "/db";

std::string FullPath(const std::string& relative) {
  return relative == "." ? std::string(kRoot)
                         : sim::NormalPath(fmt::format("{}/{}", kRoot, relative));
}

}  // namespace

std::string RelativePath(std::string_view path) {
  if (path.size() <= kRoot.size()) return ".";
  return std::string(path.substr(kRoot.size() + 1));
}

DiskReplay::DiskReplay() : disk_(UINT64_MAX) {
  disk_.CreateDir(std::string(kRoot)).IgnoreError();  // its parent is there
  disk_.SyncDir("/").IgnoreError();                   // the directory was there before
}

Status DiskReplay::ApplyBefore(const Recording& recording, size_t end) {
  for (size_t i = 0; i < end; ++i) {
    const Status status = Apply(recording.calls[i]);
    if (status.ok()) continue;
    return Status::Corruption(fmt::format(
        "call {}, \"{}\": {}", i, Print(recording.calls[i]).substr(0, 80), status.message()));
  }
  return Status::Ok();
}

Status DiskReplay::Apply(const FileCall& call) {
  switch (call.kind) {
    case Kind::kBegin:
    case Kind::kEnd:
      return Status::Ok();
    case Kind::kOpen:
      return ApplyOpen(call);
    case Kind::kRename:
      return disk_.Rename(FullPath(call.path), FullPath(call.to));
    case Kind::kLink:
      return disk_.Link(FullPath(call.path), FullPath(call.to));
    case Kind::kUnlink:
      return disk_.Remove(FullPath(call.path));
    case Kind::kMkdir:
      return disk_.CreateDir(FullPath(call.path));
    case Kind::kRmdir:
      return disk_.RemoveDir(FullPath(call.path));
    case Kind::kUnsupported:
      return Status::NotSupported("the recorder cannot tell what this call did");
    default:
      break;
  }
  const auto open = open_.find(call.fd);
  if (open == open_.end()) return Status::Corruption("this descriptor is not open");
  if (call.kind == Kind::kClose) {
    open_.erase(open);
    return Status::Ok();
  }
  return ApplyToOpen(call, &open->second);
}

Status DiskReplay::ApplyOpen(const FileCall& call) {
  OpenFile open{FullPath(call.path), nullptr};
  if (!disk_.DirExists(open.path)) {
    open.file = disk_.Find(open.path);
    if (call.create != (open.file == nullptr)) {
      return Status::Corruption(call.create ? "the file exists" : "there is no such file");
    }
    if (call.create) {
      LSM_ASSIGN_OR_RETURN(open.file, disk_.FindOrCreate(open.path));
    }
    if (call.truncate) open.file->Resize(0);
  }
  open_[call.fd] = std::move(open);
  return Status::Ok();
}

Status DiskReplay::ApplyToOpen(const FileCall& call, OpenFile* open) {
  const bool sync = call.kind == Kind::kFsync || call.kind == Kind::kFdatasync;
  if (open->file == nullptr) {
    if (sync) return disk_.SyncDir(open->path);
    return Status::Corruption("this descriptor is a directory's");
  }
  switch (call.kind) {
    case Kind::kWrite:
      open->file->Write(call.offset, call.bytes);
      return Status::Ok();
    case Kind::kTruncate:
      open->file->Resize(call.offset);
      return Status::Ok();
    case Kind::kAllocate:
      if (call.offset > open->file->size()) open->file->Resize(call.offset);
      return Status::Ok();
    case Kind::kFsync:
    case Kind::kFdatasync:
      disk_.SyncFile(open->file.get());
      return Status::Ok();
    case Kind::kStdio:
      streams_.insert(open->file->id());
      return Status::Ok();
    case Kind::kMapped:
      return Status::NotSupported("writes through a mapping are not recorded");
    default:
      return Status::Ok();
  }
}

void DiskReplay::Sync(const std::string& path, bool directory) {
  if (directory) {
    disk_.SyncDir(path).IgnoreError();  // it is one that was found dirty
  } else if (const sim::Disk::File file = disk_.Find(path); file != nullptr) {
    disk_.SyncFile(file.get());
  }
}

template <class Visit>
Status DiskReplay::ForEach(const std::string& dir, Visit visit) const {
  LSM_ASSIGN_OR_RETURN(const auto names, disk_.List(dir));
  for (const std::string& name : names) {
    const std::string path = fmt::format("{}/{}", dir, name);
    LSM_RETURN_IF_ERROR(visit(RelativePath(path), disk_.Find(path)));
    const Status below = disk_.DirExists(path) ? ForEach(path, visit) : Status::Ok();
    LSM_RETURN_IF_ERROR(below);
  }
  return Status::Ok();
}

Status DiskReplay::WriteTo(const std::string& dir) const {
  Env* env = Env::Default();
  return ForEach(std::string(kRoot), [&](const std::string& name, const sim::Disk::File& file) {
    if (file == nullptr) return env->CreateDir(dir + "/" + name);
    auto out = env->CreateWritable(dir + "/" + name, {});
    LSM_RETURN_IF_ERROR(out.status());
    LSM_RETURN_IF_ERROR((*out)->Append(file->bytes()));
    return (*out)->Close();
  });
}

Status DiskReplay::CompareWith(const std::string& dir) const {
  std::set<std::string> here;
  const Status same =
      ForEach(std::string(kRoot), [&](const std::string& name, const sim::Disk::File& file) {
        here.insert(name);
        if (file == nullptr || streams_.count(file->id()) != 0) return Status::Ok();
        const auto bytes = LoadText(dir + "/" + name);
        if (!bytes.ok()) return bytes.status();
        if (*bytes == file->bytes()) return Status::Ok();
        return Status::Corruption(fmt::format("{}: {} bytes recorded, {} in the file, or others",
                                              name, file->size(), bytes->size()));
      });
  LSM_RETURN_IF_ERROR(same);
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir, error)) {
    const std::string name = entry.path().string().substr(dir.size() + 1);
    if (here.count(name) == 0) return Status::Corruption(name + ": its creation is not recorded");
  }
  return error ? Status::IOError(dir + ": " + error.message()) : Status::Ok();
}

uint64_t DiskReplay::Digest() const {
  lab::Digest digest;
  AddDisk(disk_, &digest);
  return digest.value();
}

}  // namespace lsm::lab
