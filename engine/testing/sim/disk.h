// The simulated disk: directories with a volatile and a durable view, and the files they name.
//
// A directory operation (create, rename, remove; a link is a create) is durable after the
// directory's next Sync. Until then a power cut keeps or loses each of them by itself: the kept
// ones are applied to the durable entries in their order, and each names its file itself, so that a
// kept rename shows the file even if the file's creation was lost. A rename into another directory
// is two operations, a create there and a remove here. Directories themselves are durable as soon
// as they are made or removed.
//
// Passive: no faults, no counting, no scheduling (IoGate). Errors name the operation and the path.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lsm/status.h"
#include "testing/sim/inode.h"
#include "testing/sim/sim_env.h"

namespace lsm::sim {

// Without doubled and trailing slashes.
std::string NormalPath(std::string_view path);

// All paths are normal.
class Disk {
 public:
  using File = std::shared_ptr<Inode>;

  explicit Disk(uint64_t capacity) : capacity_(capacity) {}

  File Find(const std::string& path) const;  // null: no such file
  bool DirExists(const std::string& path) const { return dirs_.count(path) != 0; }
  Result<File> FindOrCreate(const std::string& path);
  Status Remove(const std::string& path);
  Status Rename(const std::string& from, const std::string& to);
  Status Link(const std::string& from, const std::string& to);
  Status CreateDir(const std::string& path);
  Status RemoveDir(const std::string& path);
  Result<std::vector<std::string>> List(const std::string& path) const;
  Status SyncDir(const std::string& path);
  // Durable at once; if the entry was not, the whole directory becomes so.
  Status Overwrite(const std::string& path, std::string_view bytes);

  // NoSpace, naming the operation, if files that grow by `bytes` in all would not fit.
  Status Reserve(uint64_t bytes, const char* what, const std::string& path) const;
  void set_capacity(uint64_t bytes) { capacity_ = bytes; }

  std::vector<UnsyncedUnit> Unsynced() const;
  void LoseUnsynced(const std::vector<bool>& keep);
  std::vector<std::string> DirtyFiles() const;
  std::vector<std::string> DirtyDirs() const;

  // False: held already.
  bool Lock(const std::string& path) { return locks_.insert(path).second; }
  void Unlock(const std::string& path) { locks_.erase(path); }

 private:
  using Entries = std::map<std::string, File>;  // by name within the directory
  struct Operation {
    UnsyncedUnit::Kind kind;
    std::string name;       // the entry that is made or removed
    std::string from_name;  // kDirRename: the entry that goes
    File file;              // what the entry names; kDirRemove: named
  };
  struct Directory {
    Entries entries;
    Entries durable;
    std::vector<Operation> unsynced;
    void Do(Operation operation);
  };
  struct Place {  // of an entry; dir is null if there is no such directory
    Directory* dir;
    std::string name;
  };

  static void Apply(const Operation& operation, Entries* entries);
  Place Locate(const std::string& path);
  // All files that a power cut could leave on the disk, by inode, each with one of its paths.
  std::map<uint64_t, std::pair<std::string, File>> Reachable() const;

  uint64_t capacity_;
  uint64_t next_inode_ = 1;
  std::map<std::string, Directory> dirs_{{"", {}}, {"/", {}}};
  std::set<std::string> locks_;
};

}  // namespace lsm::sim
