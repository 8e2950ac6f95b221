// The lock on a database. An fcntl lock does not exclude its own process, and is lost when any
// descriptor of the file is closed; so a table of the inodes that this process holds is asked
// before the file is opened.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <utility>

#include "env/posix_files.h"
#include "env/posix_io.h"

namespace lsm::posix {
namespace {

using Inode = std::pair<dev_t, ino_t>;

// Its mutex is held from the look into `held` to the call that locks or unlocks. Never destroyed.
struct LockTable {
  static LockTable& Instance() {
    static LockTable* const instance = new LockTable;
    return *instance;
  }
  std::mutex mu;
  std::set<Inode> held;
};

class PosixFileLock final : public FileLock {
 public:
  PosixFileLock(Fd fd, Inode inode) : fd_(std::move(fd)), inode_(inode) {}
  ~PosixFileLock() override {
    LockTable& table = LockTable::Instance();
    std::lock_guard<std::mutex> lock(table.mu);
    fd_ = Fd();  // closing unlocks
    table.held.erase(inode_);
  }

 private:
  Fd fd_;
  const Inode inode_;
};

Inode InodeOf(const struct stat& info) { return {info.st_dev, info.st_ino}; }

}  // namespace

Result<std::unique_ptr<FileLock>> AcquireFileLock(const std::string& path) {
  LockTable& table = LockTable::Instance();
  std::lock_guard<std::mutex> lock(table.mu);
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && table.held.count(InodeOf(info)) > 0) {
    return Status::Busy(fmt::format("lock {}: held by this process", path));
  }
  LSM_ASSIGN_OR_RETURN(Fd fd, Open(path, O_RDWR | O_CREAT));
  LSM_RETURN_IF_ERROR(StatusOf(fstat(fd.get(), &info), "stat", path));
  struct flock request = {};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;  // with l_start and l_len 0: the whole file
  if (fcntl(fd.get(), F_SETLK, &request) == -1) {
    if (errno == EACCES || errno == EAGAIN) {
      return Status::Busy(fmt::format("lock {}: held by another process", path));
    }
    return ErrorStatus("lock", path, errno);
  }
  table.held.insert(InodeOf(info));
  return std::unique_ptr<FileLock>(std::make_unique<PosixFileLock>(std::move(fd), InodeOf(info)));
}

}  // namespace lsm::posix
