// PosixEnv: the machine itself, behind Env::Default(). Files are in env/posix_files.h.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "env/posix_files.h"
#include "env/posix_io.h"
#include "lsm/env.h"

namespace lsm {
namespace {

using posix::ErrorStatus;
using posix::MissingDirIsError;
using posix::Retry;
using posix::StatusOf;

class PosixThread final : public Thread {
 public:
  PosixThread(std::string name, std::function<void()> body)
      : thread_([name = std::move(name), body = std::move(body)] {
          constexpr size_t kNameBytesMax = 15;  // the kernel refuses a longer one
          pthread_setname_np(pthread_self(), name.substr(0, kNameBytesMax).c_str());
          body();
        }) {}
  ~PosixThread() override { thread_.join(); }

 private:
  std::thread thread_;
};

uint64_t ReadClock(clockid_t clock, uint64_t units_per_second) {
  struct timespec now;
  clock_gettime(clock, &now);
  const auto nanos = static_cast<uint64_t>(now.tv_nsec);
  return static_cast<uint64_t>(now.tv_sec) * units_per_second +
         nanos / (1'000'000'000 / units_per_second);
}

// Whether link(2) failed because files cannot be linked there, rather than because of these two.
bool CannotLink(int error) {
  return error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EXDEV;
}

class PosixEnv final : public Env {
 public:
  Result<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override {
    return posix::OpenSequentialFile(path);
  }
  Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path,
                                                             IoMode io) override {
    return posix::OpenRandomAccessFile(path, io);
  }
  Result<std::unique_ptr<WritableFile>> CreateWritable(
      const std::string& path, const WritableFileOptions& options) override {
    return posix::CreateWritableFile(path, options);
  }
  Result<std::unique_ptr<FileLock>> LockFile(const std::string& path) override {
    return posix::AcquireFileLock(path);
  }

  bool FileExists(const std::string& path) override { return access(path.c_str(), F_OK) == 0; }
  Result<uint64_t> FileSize(const std::string& path) override {
    struct stat info;
    LSM_RETURN_IF_ERROR(StatusOf(stat(path.c_str(), &info), "stat", path));
    return static_cast<uint64_t>(info.st_size);
  }
  Status RemoveFile(const std::string& path) override {
    return StatusOf(unlink(path.c_str()), "remove", path);
  }
  Status RenameFile(const std::string& from, const std::string& to) override {
    return StatusOf(rename(from.c_str(), to.c_str()), "rename", fmt::format("{} to {}", from, to));
  }
  Status LinkFile(const std::string& from, const std::string& to) override {
    if (link(from.c_str(), to.c_str()) == 0) return Status::Ok();
    const int error = errno;
    const Status status = ErrorStatus("link", fmt::format("{} to {}", from, to), error);
    return CannotLink(error) ? Status::NotSupported(std::string(status.message())) : status;
  }
  Status TruncateFile(const std::string& path, uint64_t size) override {
    return StatusOf(Retry([&] { return truncate(path.c_str(), static_cast<off_t>(size)); }),
                    "truncate", path);
  }

  Status CreateDir(const std::string& path) override {
    if (mkdir(path.c_str(), 0755) == 0) return Status::Ok();
    const Status status = MissingDirIsError(ErrorStatus("create directory", path, errno));
    struct stat info;
    const bool exists = stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    return exists ? Status::Ok() : status;
  }
  Status RemoveDir(const std::string& path) override {
    return MissingDirIsError(StatusOf(rmdir(path.c_str()), "remove directory", path));
  }
  Result<std::vector<std::string>> ListDir(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(path.c_str()), closedir);
    if (dir == nullptr) return MissingDirIsError(ErrorStatus("list", path, errno));
    std::vector<std::string> names;
    while (true) {
      errno = 0;  // tells an error from the end
      const struct dirent* entry = readdir(dir.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return ErrorStatus("list", path, errno);
    std::sort(names.begin(), names.end());
    return names;
  }
  Status SyncDir(const std::string& path) override {
    LSM_ASSIGN_OR_RETURN(const posix::Fd fd, posix::Open(path, O_RDONLY | O_DIRECTORY));
    return StatusOf(Retry([&] { return fsync(fd.get()); }), "sync directory", path);
  }

  uint64_t NowMicros() override { return ReadClock(CLOCK_MONOTONIC, 1'000'000); }
  uint64_t UnixSeconds() override { return ReadClock(CLOCK_REALTIME, 1); }
  void SleepMicros(uint64_t us) override {
    std::this_thread::sleep_for(std::chrono::microseconds(us));
  }
  uint64_t RandomSeed() override {
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), 0) == sizeof(seed)) return seed;
    return ReadClock(CLOCK_MONOTONIC, 1'000'000'000);  // a kernel without it: still differs
  }
  std::unique_ptr<Thread> StartThread(std::string name, std::function<void()> body) override {
    return std::make_unique<PosixThread>(std::move(name), std::move(body));
  }
};

}  // namespace

Env* Env::Default() {
  static PosixEnv* const instance = new PosixEnv;
  return instance;
}

}  // namespace lsm
