#include "testing/sim/disk.h"

#include <fmt/format.h>

#include <algorithm>

namespace lsm::sim {
namespace {

using Kind = UnsyncedUnit::Kind;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return "";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string Join(const std::string& dir, const std::string& name) {
  return dir.empty() || dir == "/" ? dir + name : dir + "/" + name;
}

Status NoSuchFile(const char* what, const std::string& path) {
  return Status::NotFound(fmt::format("{} {}: no such file", what, path));
}

Status NoSuchDir(const char* what, const std::string& path) {
  return Status::IOError(fmt::format("{} {}: no such directory", what, path));
}

}  // namespace

std::string NormalPath(std::string_view path) {
  std::string normal;
  for (const char c : path) {
    if (c != '/' || normal.empty() || normal.back() != '/') normal.push_back(c);
  }
  if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

// --- Entries ---

void Disk::Apply(const Operation& operation, Entries* entries) {
  if (operation.kind == Kind::kDirRename) entries->erase(operation.from_name);
  if (operation.kind == Kind::kDirRemove) {
    entries->erase(operation.name);
  } else {
    (*entries)[operation.name] = operation.file;
  }
}

void Disk::Directory::Do(Operation operation) {
  Apply(operation, &entries);
  unsynced.push_back(std::move(operation));
}

Disk::Place Disk::Locate(const std::string& path) {
  const auto dir = dirs_.find(ParentOf(path));
  return {dir == dirs_.end() ? nullptr : &dir->second, NameOf(path)};
}

Disk::File Disk::Find(const std::string& path) const {
  const auto dir = dirs_.find(ParentOf(path));
  if (dir == dirs_.end()) return nullptr;
  const auto entry = dir->second.entries.find(NameOf(path));
  return entry == dir->second.entries.end() ? nullptr : entry->second;
}

Result<Disk::File> Disk::FindOrCreate(const std::string& path) {
  if (File file = Find(path); file != nullptr) return file;
  const Place place = Locate(path);
  if (place.dir == nullptr) return NoSuchDir("create", path);
  if (DirExists(path)) return Status::IOError(fmt::format("create {}: is a directory", path));
  File file = std::make_shared<Inode>(next_inode_++);
  place.dir->Do({Kind::kDirCreate, place.name, "", file});
  return file;
}

Status Disk::Remove(const std::string& path) {
  File file = Find(path);
  if (file == nullptr) return NoSuchFile("remove", path);
  const Place place = Locate(path);
  place.dir->Do({Kind::kDirRemove, place.name, "", std::move(file)});
  return Status::Ok();
}

Status Disk::Rename(const std::string& from, const std::string& to) {
  File file = Find(from);
  if (file == nullptr) return NoSuchFile("rename", from);
  const Place source = Locate(from);
  const Place target = Locate(to);
  if (target.dir == nullptr) return NoSuchDir("rename", to);
  if (DirExists(to)) return Status::IOError(fmt::format("rename {}: is a directory", to));
  if (Find(to) == file) return Status::Ok();  // as POSIX has it: two names of one file stay
  if (source.dir == target.dir) {
    source.dir->Do({Kind::kDirRename, target.name, source.name, std::move(file)});
  } else {
    target.dir->Do({Kind::kDirCreate, target.name, "", file});
    source.dir->Do({Kind::kDirRemove, source.name, "", std::move(file)});
  }
  return Status::Ok();
}

Status Disk::Link(const std::string& from, const std::string& to) {
  File file = Find(from);
  if (file == nullptr) return NoSuchFile("link", from);
  const Place target = Locate(to);
  if (target.dir == nullptr) return NoSuchDir("link", to);
  if (Find(to) != nullptr || DirExists(to)) {
    return Status::IOError(fmt::format("link {}: exists", to));
  }
  target.dir->Do({Kind::kDirCreate, target.name, "", std::move(file)});
  return Status::Ok();
}

Status Disk::Overwrite(const std::string& path, std::string_view bytes) {
  LSM_ASSIGN_OR_RETURN(const File file, FindOrCreate(path));
  file->Overwrite(bytes);
  const Place place = Locate(path);
  const auto durable = place.dir->durable.find(place.name);
  const bool is_durable = durable != place.dir->durable.end() && durable->second == file;
  return is_durable ? Status::Ok() : SyncDir(ParentOf(path));
}

// --- Directories ---

Status Disk::CreateDir(const std::string& path) {
  if (DirExists(path)) return Status::Ok();
  if (!DirExists(ParentOf(path))) return NoSuchDir("create directory", path);
  if (Find(path) != nullptr) {
    return Status::IOError(fmt::format("create directory {}: is a file", path));
  }
  dirs_[path];
  return Status::Ok();
}

Status Disk::RemoveDir(const std::string& path) {
  LSM_ASSIGN_OR_RETURN(const auto names, List(path));
  if (!names.empty()) {
    return Status::IOError(fmt::format("remove directory {}: not empty", path));
  }
  dirs_.erase(path);
  return Status::Ok();
}

Result<std::vector<std::string>> Disk::List(const std::string& path) const {
  const auto dir = dirs_.find(path);
  if (dir == dirs_.end()) return NoSuchDir("list", path);
  std::vector<std::string> names;
  for (const auto& [name, file] : dir->second.entries) names.push_back(name);
  for (const auto& [other, unused] : dirs_) {
    if (ParentOf(other) == path && !NameOf(other).empty()) names.push_back(NameOf(other));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status Disk::SyncDir(const std::string& path) {
  const auto dir = dirs_.find(path);
  if (dir == dirs_.end()) return NoSuchDir("syncdir", path);
  dir->second.durable = dir->second.entries;
  dir->second.unsynced.clear();
  return Status::Ok();
}

// --- Space ---

Status Disk::Reserve(uint64_t bytes, const char* what, const std::string& path) const {
  if (capacity_ == UINT64_MAX) return Status::Ok();
  std::map<uint64_t, uint64_t> sizes;  // by inode: a file may have two names
  for (const auto& [dir_path, dir] : dirs_) {
    for (const auto& [name, file] : dir.entries) sizes[file->id()] = file->size();
  }
  uint64_t used = 0;
  for (const auto& [id, size] : sizes) used += size;
  if (used <= capacity_ && bytes <= capacity_ - used) return Status::Ok();
  return Status::NoSpace(
      fmt::format("{} {}: {} bytes more than {} of {} in use", what, path, bytes, used, capacity_));
}

// --- Power cuts ---

std::map<uint64_t, std::pair<std::string, Disk::File>> Disk::Reachable() const {
  std::map<uint64_t, std::pair<std::string, File>> files;
  const auto add = [&files](const std::string& dir, const std::string& name, const File& file) {
    files.try_emplace(file->id(), Join(dir, name), file);
  };
  // The name that is seen now comes first, then the latest one that was.
  for (const auto& [path, dir] : dirs_) {
    for (const auto& [name, file] : dir.entries) add(path, name, file);
  }
  for (const auto& [path, dir] : dirs_) {
    for (auto op = dir.unsynced.rbegin(); op != dir.unsynced.rend(); ++op) {
      add(path, op->name, op->file);
    }
    for (const auto& [name, file] : dir.durable) add(path, name, file);
  }
  return files;
}

std::vector<UnsyncedUnit> Disk::Unsynced() const {
  std::vector<UnsyncedUnit> units;
  for (const auto& [id, file] : Reachable()) file.second->ListUnits(file.first, &units);
  for (const auto& [path, dir] : dirs_) {
    for (const Operation& op : dir.unsynced) units.push_back({op.kind, Join(path, op.name), 0});
  }
  return units;
}

void Disk::LoseUnsynced(const std::vector<bool>& keep) {
  size_t next = 0;
  const auto keep_next = [&keep, &next] {
    const size_t i = next++;
    return i < keep.size() && keep[i];
  };
  for (const auto& [id, file] : Reachable()) file.second->LoseUnsynced(keep_next);
  for (auto& [path, dir] : dirs_) {
    for (const Operation& op : dir.unsynced) {
      if (keep_next()) Apply(op, &dir.durable);
    }
    dir.entries = dir.durable;
    dir.unsynced.clear();
  }
  locks_.clear();
}

std::vector<std::string> Disk::DirtyFiles() const {
  std::vector<std::string> paths;
  for (const auto& [path, dir] : dirs_) {
    for (const auto& [name, file] : dir.entries) {
      if (file->IsDirty()) paths.push_back(Join(path, name));
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> Disk::DirtyDirs() const {
  std::vector<std::string> paths;
  for (const auto& [path, dir] : dirs_) {
    if (!dir.unsynced.empty()) paths.push_back(path);
  }
  return paths;
}

}  // namespace lsm::sim
