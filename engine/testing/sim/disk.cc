#include "testing/sim/disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lsm::sim {
namespace {

using Kind = UnsyncedUnit::Kind;

// Enough to find every byte of a file that was just removed, and of the one before.
constexpr size_t kRemovedFilesMax = 4;

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
  if (normal == ".") return "";
  return normal.compare(0, 2, "./") == 0 ? normal.substr(2) : normal;
}

Disk::Disk(uint64_t capacity, const HandleTable* handles)
    : capacity_(capacity), handles_(handles) {}

std::unique_ptr<Disk> Disk::Copy() const {
  auto copy = std::make_unique<Disk>(capacity_);
  copy->next_inode_ = next_inode_;
  copy->next_order_ = next_order_;
  copy->committed_order_ = committed_order_;
  copy->removed_ = removed_;
  std::map<const Inode*, File> files;
  std::map<const Directory*, std::shared_ptr<Directory>> dirs{
      {relative_root_.get(), copy->relative_root_}, {absolute_root_.get(), copy->absolute_root_}};
  const auto copied = [&files, &dirs](const Entry& entry) {
    Entry to;
    if (entry.file != nullptr) {
      File& file = files[entry.file.get()];
      if (file == nullptr) file = std::make_shared<Inode>(*entry.file);
      to.file = file;
    }
    if (entry.dir != nullptr) {
      std::shared_ptr<Directory>& dir = dirs[entry.dir.get()];
      if (dir == nullptr) dir = std::make_shared<Directory>();
      to.dir = dir;
    }
    return to;
  };
  Walk(Which::kAll, [&](const std::string&, const Directory* from) {
    Directory* to = dirs.at(from).get();  // it was met as an entry before
    for (const auto& [name, entry] : from->entries) to->entries.emplace(name, copied(entry));
    for (const auto& [name, entry] : from->durable) to->durable.emplace(name, copied(entry));
    for (Operation op : from->unsynced) {
      op.entry = copied(op.entry);
      to->unsynced.push_back(std::move(op));
    }
    to->late_error = from->late_error;
  });
  return copy;
}

// --- Entries ---

void Disk::Apply(const Operation& op, const Fate& fate, Entries* entries) {
  if (fate.kind == Fate::Kind::kOld) return;
  const bool source_goes = fate.kind != Fate::Kind::kBoth;
  const bool target_changes = fate.kind != Fate::Kind::kGone;
  if (op.kind == Kind::kDirRename && source_goes) entries->erase(op.from_name);
  if (!target_changes) return;
  if (op.kind == Kind::kDirRemove || fate.kind == Fate::Kind::kNeither) {
    entries->erase(op.name);
  } else {
    (*entries)[op.name] = op.entry;
  }
}

void Disk::MakeDurable(Directory* dir) {
  std::vector<Operation> dropped;
  for (Operation& op : dir->unsynced) {
    if (op.dropped) {
      dropped.push_back(std::move(op));
    } else {
      Apply(op, Fate::Kind::kNew, &dir->durable);
    }
  }
  dir->unsynced = std::move(dropped);
}

void Disk::Do(Directory* dir, Operation operation) {
  operation.order = next_order_++;
  Apply(operation, Fate::Kind::kNew, &dir->entries);
  dir->unsynced.push_back(std::move(operation));
}

Disk::Directory* Disk::FindDir(const std::string& path) const {
  const bool is_absolute = !path.empty() && path[0] == '/';
  Directory* dir = is_absolute ? absolute_root_.get() : relative_root_.get();
  std::string_view rest = std::string_view(path).substr(is_absolute ? 1 : 0);
  while (!rest.empty() && dir != nullptr) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const auto entry = dir->entries.find(rest.substr(0, slash));
    dir = entry == dir->entries.end() ? nullptr : entry->second.dir.get();
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return dir;
}

Disk::Place Disk::Locate(const std::string& path) const {
  return {FindDir(ParentOf(path)), NameOf(path)};
}

Disk::File Disk::Find(const std::string& path) const {
  const Place place = Locate(path);
  if (place.dir == nullptr) return nullptr;
  const auto entry = place.dir->entries.find(place.name);
  return entry == place.dir->entries.end() ? nullptr : entry->second.file;
}

Result<Disk::File> Disk::FindOrCreate(const std::string& path) {
  if (File file = Find(path); file != nullptr) return file;
  const Place place = Locate(path);
  if (place.dir == nullptr) return NoSuchDir("create", path);
  if (DirExists(path)) return Status::IOError(fmt::format("create {}: is a directory", path));
  File file = std::make_shared<Inode>(next_inode_++);
  Do(place.dir, {Kind::kDirCreate, place.name, "", {file, nullptr}});
  return file;
}

void Disk::Forget(const std::string& path, const File& file) {
  bool has_other_name = false;
  ForEachFile([&](const std::string&, const File& other) { has_other_name |= other == file; });
  if (has_other_name) return;
  auto& removed = removed_[ParentOf(path)];
  removed.push_front(std::make_shared<const std::string>(file->bytes()));
  if (removed.size() > kRemovedFilesMax) removed.pop_back();
}

Status Disk::Remove(const std::string& path) {
  const File file = Find(path);
  if (file == nullptr) return NoSuchFile("remove", path);
  const Place place = Locate(path);
  Do(place.dir, {Kind::kDirRemove, place.name, "", {file, nullptr}});
  Forget(path, file);
  return Status::Ok();
}

Status Disk::Rename(const std::string& from, const std::string& to) {
  const File file = Find(from);
  if (file == nullptr) return NoSuchFile("rename", from);
  const Place source = Locate(from);
  const Place target = Locate(to);
  if (target.dir == nullptr) return NoSuchDir("rename", to);
  if (DirExists(to)) return Status::IOError(fmt::format("rename {}: is a directory", to));
  const File replaced = Find(to);
  if (replaced == file) return Status::Ok();  // as POSIX has it: two names of one file stay
  if (source.dir == target.dir) {
    Do(source.dir, {Kind::kDirRename, target.name, source.name, {file, nullptr}});
  } else {
    Do(target.dir, {Kind::kDirCreate, target.name, "", {file, nullptr}});
    Do(source.dir, {Kind::kDirRemove, source.name, "", {file, nullptr}});
  }
  if (replaced != nullptr) Forget(to, replaced);
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
  Do(target.dir, {Kind::kDirCreate, target.name, "", {std::move(file), nullptr}});
  return Status::Ok();
}

Status Disk::Overwrite(const std::string& path, std::string_view bytes) {
  LSM_ASSIGN_OR_RETURN(const File file, FindOrCreate(path));
  file->Overwrite(bytes);
  for (std::string at = path; !NameOf(at).empty(); at = ParentOf(at)) {
    const Place place = Locate(at);
    const auto durable = place.dir->durable.find(place.name);
    const bool is_durable =
        durable != place.dir->durable.end() && durable->second == place.dir->entries[place.name];
    if (!is_durable) MakeDurable(place.dir);
  }
  return Status::Ok();
}

// --- Directories ---

Status Disk::CreateDir(const std::string& path) {
  if (DirExists(path)) return Status::Ok();
  const Place place = Locate(path);
  if (place.dir == nullptr) return NoSuchDir("create directory", path);
  if (Find(path) != nullptr) {
    return Status::IOError(fmt::format("create directory {}: is a file", path));
  }
  Do(place.dir, {Kind::kDirCreate, place.name, "", {nullptr, std::make_shared<Directory>()}});
  return Status::Ok();
}

Status Disk::RemoveDir(const std::string& path) {
  LSM_ASSIGN_OR_RETURN(const auto names, List(path));
  if (!names.empty()) {
    return Status::IOError(fmt::format("remove directory {}: not empty", path));
  }
  const Place place = Locate(path);
  if (place.name.empty()) {
    return Status::IOError(fmt::format("remove directory {}: is a root", path));
  }
  Do(place.dir, {Kind::kDirRemove, place.name, "", place.dir->entries[place.name]});
  return Status::Ok();
}

Result<std::vector<std::string>> Disk::List(const std::string& path) const {
  const Directory* dir = FindDir(path);
  if (dir == nullptr) return NoSuchDir("list", path);
  std::vector<std::string> names;
  for (const auto& [name, entry] : dir->entries) names.push_back(name);
  return names;
}

// --- Syncs ---

void Disk::SyncFile(Inode* file) {
  file->Sync();
  committed_order_ = next_order_ - 1;
}

Status Disk::SyncDir(const std::string& path) {
  Directory* dir = FindDir(path);
  if (dir == nullptr) return NoSuchDir("syncdir", path);
  MakeDurable(dir);
  committed_order_ = next_order_ - 1;
  return std::exchange(dir->late_error, Status::Ok());
}

Status Disk::DropDir(const std::string& path, Status late_error) {
  Directory* dir = FindDir(path);
  if (dir == nullptr) return NoSuchDir("syncdir", path);
  for (Operation& op : dir->unsynced) op.dropped = true;
  dir->late_error = std::move(late_error);
  return Status::Ok();
}

void Disk::ForgetLateErrors() {
  Walk(Which::kAll, [](const std::string&, Directory* dir) {
    dir->late_error = Status::Ok();
    for (const auto& [name, entry] : dir->entries) {
      if (entry.file != nullptr) entry.file->set_late_error(Status::Ok());
    }
  });
}

// --- Space ---

Status Disk::Reserve(uint64_t bytes, const char* what, const std::string& path) const {
  if (capacity_ == UINT64_MAX) return Status::Ok();
  std::map<uint64_t, uint64_t> sizes;  // by inode: a file may have two names
  ForEachFile([&sizes](const std::string&, const File& file) { sizes[file->id()] = file->size(); });
  if (handles_ != nullptr) {
    for (const File& file : handles_->Files()) sizes[file->id()] = file->size();
  }
  uint64_t used = 0;
  for (const auto& [id, size] : sizes) used += size;
  if (used <= capacity_ && bytes <= capacity_ - used) return Status::Ok();
  return Status::NoSpace(
      fmt::format("{} {}: {} bytes more than {} of {} in use", what, path, bytes, used, capacity_));
}

// --- Walks ---

void Disk::Walk(Which which, const OnDirectory& visit) const {
  std::set<const Directory*> seen;  // a directory that was removed may come from several views
  const std::function<void(const std::string&, Directory*)> go = [&](const std::string& path,
                                                                     Directory* dir) {
    if (!seen.insert(dir).second) return;
    visit(path, dir);
    const auto into = [&](const std::string& name, const Entry& entry) {
      if (entry.dir != nullptr) go(Join(path, name), entry.dir.get());
    };
    for (const auto& [name, entry] : dir->entries) into(name, entry);
    if (which == Which::kSeenNow) return;
    for (const Operation& op : dir->unsynced) into(op.name, op.entry);
    for (const auto& [name, entry] : dir->durable) into(name, entry);
  };
  go("", relative_root_.get());
  go("/", absolute_root_.get());
}

void Disk::ForEachFile(const OnFile& visit) const {
  Walk(Which::kSeenNow, [&visit](const std::string& path, const Directory* dir) {
    for (const auto& [name, entry] : dir->entries) {
      if (entry.file != nullptr) visit(Join(path, name), entry.file);
    }
  });
}

std::map<uint64_t, std::pair<std::string, Disk::File>> Disk::Reachable() const {
  std::map<uint64_t, std::pair<std::string, File>> files;
  // The name that is seen now comes first, then the latest one that was.
  ForEachFile([&files](const std::string& path, const File& file) {
    files.try_emplace(file->id(), path, file);
  });
  Walk(Which::kAll, [&files](const std::string& path, const Directory* dir) {
    const auto add = [&](const std::string& name, const Entry& entry) {
      if (entry.file != nullptr) {
        files.try_emplace(entry.file->id(), Join(path, name), entry.file);
      }
    };
    for (auto op = dir->unsynced.rbegin(); op != dir->unsynced.rend(); ++op) {
      add(op->name, op->entry);
    }
    for (const auto& [name, entry] : dir->durable) add(name, entry);
  });
  return files;
}

std::vector<Disk::Pending> Disk::AllPending() const {
  std::vector<Pending> pending;
  Walk(Which::kAll, [&pending](const std::string& path, Directory* dir) {
    for (const Operation& op : dir->unsynced) pending.push_back({Join(path, op.name), dir, op});
  });
  std::sort(pending.begin(), pending.end(), [](const Pending& a, const Pending& b) {
    return a.operation.order < b.operation.order;
  });
  return pending;
}

// --- Power cuts ---

std::vector<UnsyncedUnit> Disk::Unsynced() const {
  std::vector<UnsyncedUnit> units;
  for (const auto& [id, file] : Reachable()) file.second->ListUnits(file.first, &units);
  for (UnsyncedUnit& unit : units) {
    const auto removed = removed_.find(ParentOf(unit.path));
    if (removed != removed_.end()) unit.removed_files = removed->second.size();
  }
  for (const Pending& pending : AllPending()) {
    UnsyncedUnit unit{pending.operation.kind, pending.path};
    unit.committed = pending.operation.order <= committed_order_ && !pending.operation.dropped;
    units.push_back(std::move(unit));
  }
  return units;
}

void Disk::LoseUnsynced(const Image& image) {
  size_t next = 0;
  const auto next_fate = [&image, &next] {
    const size_t i = next++;
    return i < image.size() ? image[i] : Fate();
  };
  for (const auto& [id, file] : Reachable()) {
    const auto& removed_here = removed_[ParentOf(file.first)];
    file.second->LoseUnsynced(next_fate, [&removed_here](uint64_t n) {
      return n < removed_here.size() ? std::string_view(*removed_here[n]) : std::string_view();
    });
  }
  for (const Pending& pending : AllPending()) {
    Apply(pending.operation, next_fate(), &pending.dir->durable);
  }
  std::vector<Directory*> dirs;
  Walk(Which::kAll, [&dirs](const std::string&, Directory* dir) { dirs.push_back(dir); });
  std::vector<Directory> before;  // keeps those alive that are lost with their parent
  for (Directory* dir : dirs) {
    before.push_back(*dir);
    dir->entries = dir->durable;
    dir->unsynced.clear();
    dir->late_error = Status::Ok();
  }
}

std::vector<std::string> Disk::DirtyFiles() const {
  std::vector<std::string> paths;
  ForEachFile([&paths](const std::string& path, const File& file) {
    if (file->IsDirty()) paths.push_back(path);
  });
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> Disk::DirtyDirs() const {
  std::vector<std::string> paths;
  Walk(Which::kSeenNow, [&paths](const std::string& path, const Directory* dir) {
    if (!dir->unsynced.empty()) paths.push_back(path);
  });
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace lsm::sim
