// The simulated disk: a tree of directories, each with a volatile and a durable view, and the files
// that they name.
//
// A directory operation (create, rename, remove; a link is a create) is durable after the next Sync
// of the directory that holds the entry; for a new directory that is its parent. Until then a power
// cut decides over it (image.h). A rename into another directory is two operations, a create there
// and a remove here. A directory whose own entry is lost is gone with all that was in it.
//
// Passive: no faults, no counting, no scheduling (IoGate). Errors name the operation and the path.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lsm/status.h"
#include "testing/sim/handles.h"
#include "testing/sim/image.h"
#include "testing/sim/inode.h"

namespace lsm::sim {

// Without doubled and trailing slashes and a leading "./".
std::string NormalPath(std::string_view path);

// All paths are normal. "" and "/" are two roots, which are always there.
class Disk {
 public:
  using File = std::shared_ptr<Inode>;

  // By directory: bytes of the files that were removed there, the last one first. They may show
  // through in the new space of files of the same directory: another one is another database, and
  // no format here says to which database a file belongs.
  using RemovedFiles = std::map<std::string, std::deque<std::shared_ptr<const std::string>>>;

  // A file that `handles` holds open takes space after its last name is gone.
  explicit Disk(uint64_t capacity, const HandleTable* handles = nullptr);
  // Another disk in the same state, on which nothing is open: what if the power went off here?
  std::unique_ptr<Disk> Copy() const;

  const RemovedFiles& removed() const { return removed_; }
  File Find(const std::string& path) const;  // null: no such file
  bool DirExists(const std::string& path) const { return FindDir(path) != nullptr; }
  Result<File> FindOrCreate(const std::string& path);
  Status Remove(const std::string& path);
  Status Rename(const std::string& from, const std::string& to);
  Status Link(const std::string& from, const std::string& to);
  Status CreateDir(const std::string& path);
  Status RemoveDir(const std::string& path);
  Result<std::vector<std::string>> List(const std::string& path) const;
  // Durable at once; so are the entries of all directories on the way that were not.
  Status Overwrite(const std::string& path, std::string_view bytes);

  void SyncFile(Inode* file);
  Status SyncDir(const std::string& path);  // or the error that an earlier one kept for itself
  // A sync failed: no later one makes the operations so far durable, though they are seen. The next
  // one returns `late_error`.
  Status DropDir(const std::string& path, Status late_error);
  void ForgetLateErrors();

  // NoSpace, naming the operation, if files that grow by `bytes` in all would not fit.
  Status Reserve(uint64_t bytes, const char* what, const std::string& path) const;
  void set_capacity(uint64_t bytes) { capacity_ = bytes; }

  std::vector<UnsyncedUnit> Unsynced() const;
  void LoseUnsynced(const Image& image);  // fates that are missing: kOld
  std::vector<std::string> DirtyFiles() const;
  std::vector<std::string> DirtyDirs() const;

 private:
  struct Directory;
  struct Entry {  // one of the two
    File file;
    std::shared_ptr<Directory> dir;
    bool operator==(const Entry&) const = default;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  struct Operation {
    UnsyncedUnit::Kind kind;
    std::string name;       // the entry that is made or removed
    std::string from_name;  // kDirRename: the entry that goes
    Entry entry;            // what the entry names; kDirRemove: named
    uint64_t order = 0;     // among the operations of all directories
    bool dropped = false;
  };
  struct Directory {
    Entries entries;
    Entries durable;
    std::vector<Operation> unsynced;
    Status late_error;
  };
  struct Place {  // of an entry; dir is null if there is no such directory
    Directory* dir;
    std::string name;
  };
  struct Pending {
    std::string path;
    Directory* dir;
    Operation operation;
  };
  enum class Which : uint8_t { kSeenNow, kAll };  // kAll: that a power cut could leave
  using OnDirectory = std::function<void(const std::string& path, Directory* dir)>;
  using OnFile = std::function<void(const std::string& path, const File& file)>;

  static void Apply(const Operation& operation, const Fate& fate, Entries* entries);
  static void MakeDurable(Directory* dir);  // but for what was dropped
  void Do(Directory* dir, Operation operation);
  void Forget(const std::string& path, const File& file);  // the path is gone
  Directory* FindDir(const std::string& path) const;
  Place Locate(const std::string& path) const;
  void Walk(Which which, const OnDirectory& visit) const;
  void ForEachFile(const OnFile& visit) const;  // that is seen now
  // All files that a power cut could leave on the disk, by inode, each with one of its paths.
  std::map<uint64_t, std::pair<std::string, File>> Reachable() const;
  std::vector<Pending> AllPending() const;  // of all directories, in the order they were made

  uint64_t capacity_;
  const HandleTable* const handles_;
  uint64_t next_inode_ = 1;
  uint64_t next_order_ = 1;
  uint64_t committed_order_ = 0;  // operations up to here are followed by a sync of something
  const std::shared_ptr<Directory> relative_root_ = std::make_shared<Directory>();
  const std::shared_ptr<Directory> absolute_root_ = std::make_shared<Directory>();
  RemovedFiles removed_;
};

}  // namespace lsm::sim
