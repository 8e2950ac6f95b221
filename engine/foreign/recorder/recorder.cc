// The recorder: a library that is preloaded into a process and writes down what the process does to
// the files of one directory, call by call, in the order in which the calls took effect. The lines
// are those of foreign/recording.h.
//
//   LD_PRELOAD=liblsm_recorder.so LSM_RECORD_DIR=/abs/dir LSM_RECORD_LOG=/abs/file PROGRAM...
//
// One mutex is held over each call and its line, so that the lines are in the calls' order. Calls
// that fail, and those on other files, are not written down. The system is called directly: nothing
// here depends on what else is preloaded. Writes through a FILE* or a mapping do not come by here;
// the lines "stdio" and "mapped" say that they may happen.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "base/escape.h"

namespace {

constexpr int kLowestLogFd = 1000;  // out of the way: descriptors are as they would be without it

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

class Recorder {
 public:
  static Recorder* Get() {
    static auto* const recorder = new Recorder;  // outlives all that the process does at its end
    return recorder;
  }

  // "" is the directory itself. Null: not below it.
  const char* Relative(const char* path) const {
    if (root_.empty() || path == nullptr) return nullptr;
    if (std::strncmp(path, root_.c_str(), root_.size()) != 0) return nullptr;
    const char* rest = path + root_.size();
    if (*rest != '/' && *rest != '\0') return nullptr;
    while (*rest == '/') ++rest;
    return rest;
  }
  static std::string Name(const char* relative) {
    return *relative == '\0' ? "." : lsm::Escape(relative);
  }

  bool Tracks(int fd) const { return files_.count(fd) != 0; }
  void Track(int fd, const std::string& name) { files_[fd] = name; }
  void Forget(int fd) { files_.erase(fd); }

  void Log(const std::string& line) const {
    const std::string text = line + "\n";
    const int error = errno;
    if (syscall(SYS_write, log_, text.data(), text.size()) != static_cast<long>(text.size())) {
      std::abort();  // a recording with a hole is none
    }
    errno = error;
  }

 private:
  Recorder() {
    const char* const root = std::getenv("LSM_RECORD_DIR");
    const char* const log = std::getenv("LSM_RECORD_LOG");
    if (root == nullptr || log == nullptr) return;
    const long fd = syscall(SYS_open, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    log_ = fcntl(static_cast<int>(fd), F_DUPFD_CLOEXEC, kLowestLogFd);
    syscall(SYS_close, fd);
    if (log_ < 0) std::abort();
    root_ = root;
    Log("lsmlab-recording 1");
  }

  std::string root_;
  int log_ = -1;
  std::map<int, std::string> files_;
};

class Turn {
 public:
  Turn() { pthread_mutex_lock(&mutex); }
  ~Turn() { pthread_mutex_unlock(&mutex); }
  Recorder* operator->() const { return Recorder::Get(); }
};

std::string Number(long n) { return " " + std::to_string(n); }

long Open(const char* path, int flags, mode_t mode) {
  Turn turn;
  const char* const relative = turn->Relative(path);
  const bool existed = relative != nullptr && access(path, F_OK) == 0;
  const long fd = syscall(SYS_open, path, flags, mode);
  if (fd < 0) return fd;
  turn->Forget(static_cast<int>(fd));  // closed by a call that did not come by here
  if (relative == nullptr) return fd;
  turn->Track(static_cast<int>(fd), relative);
  std::string line = "open" + Number(fd) + " " + Recorder::Name(relative);
  if (!existed) line += " create";
  if (existed && (flags & O_TRUNC) != 0) line += " truncate";
  turn->Log(line);
  return fd;
}

// What the bytes of a call on an open file are, behind its offset.
long Write(int fd, long result, long offset, std::string_view bytes, Turn* turn) {
  if (result <= 0 || !(*turn)->Tracks(fd)) return result;
  if (offset < 0) offset = syscall(SYS_lseek, fd, 0, SEEK_CUR) - result;
  (*turn)->Log("write" + Number(fd) + Number(offset) + " " +
               lsm::Escape(bytes.substr(0, static_cast<size_t>(result))));
  return result;
}

// A call on an open file that has no arguments worth a line.
int OnFile(const char* name, int fd, long result, Turn* turn) {
  if (result == 0 && (*turn)->Tracks(fd)) (*turn)->Log(name + Number(fd));
  return static_cast<int>(result);
}

int Allocate(int fd, int mode, off_t offset, off_t size) {
  Turn turn;
  const long result = syscall(SYS_fallocate, fd, mode, offset, size);
  if (result == 0 && turn->Tracks(fd)) {
    const bool keeps_size = (mode & FALLOC_FL_KEEP_SIZE) != 0;
    const bool plain = (mode & ~FALLOC_FL_KEEP_SIZE) == 0;
    turn->Log((plain ? "allocate" : "unsupported fallocate") + Number(fd) +
              Number(keeps_size ? 0 : offset + size));
  }
  return static_cast<int>(result);
}

int OnPath(const char* name, const char* path, long result, Turn* turn) {
  const char* const relative = (*turn)->Relative(path);
  if (result == 0 && relative != nullptr) {
    (*turn)->Log(std::string(name) + " " + Recorder::Name(relative));
  }
  return static_cast<int>(result);
}

int OnPaths(const char* name, const char* from, const char* to, long result, Turn* turn) {
  const char* const a = (*turn)->Relative(from);
  const char* const b = (*turn)->Relative(to);
  if (result == 0 && (a != nullptr || b != nullptr)) {
    const bool crosses = a == nullptr || b == nullptr;
    (*turn)->Log((crosses ? std::string("unsupported ") : std::string()) + name + " " +
                 (a == nullptr ? lsm::Escape(from) : Recorder::Name(a)) + " " +
                 (b == nullptr ? lsm::Escape(to) : Recorder::Name(b)));
  }
  return static_cast<int>(result);
}

template <class Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

FILE* OpenStream(const char* function, const char* path, const char* mode) {
  FILE* const file = Next<FILE*(const char*, const char*)>(function)(path, mode);
  Turn turn;
  const char* const relative = turn->Relative(path);
  if (file != nullptr && relative != nullptr && std::strpbrk(mode, "wa+") != nullptr) {
    turn->Log("unsupported fopen " + Recorder::Name(relative));
  }
  return file;
}

void* Map(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  Turn turn;
  const long result = syscall(SYS_mmap, address, size, protection, flags, fd, offset);
  const bool writable = (protection & PROT_WRITE) != 0 && (flags & MAP_SHARED) != 0;
  if (result >= 0 && writable && turn->Tracks(fd)) turn->Log("mapped" + Number(fd));
  return reinterpret_cast<void*>(result);  // -1 is MAP_FAILED.  NOLINT(performance-no-int-to-ptr)
}

}  // namespace

extern "C" {

// A line of the program's own: "begin c0 put k v", "end OK".
void lsm_record_mark(const char* line) {
  Turn turn;
  turn->Log(line);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return static_cast<int>(Open(path, flags, mode));
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return static_cast<int>(Open(path, flags, mode));
}
int creat(const char* path, mode_t mode) {
  return static_cast<int>(Open(path, O_CREAT | O_WRONLY | O_TRUNC, mode));
}

int close(int fd) {
  Turn turn;
  const int result = OnFile("close", fd, syscall(SYS_close, fd), &turn);
  turn->Forget(fd);
  return result;
}

ssize_t write(int fd, const void* data, size_t size) {
  Turn turn;
  const long result = syscall(SYS_write, fd, data, size);
  return Write(fd, result, -1, {static_cast<const char*>(data), size}, &turn);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  Turn turn;
  const long result = syscall(SYS_pwrite64, fd, data, size, offset);
  return Write(fd, result, offset, {static_cast<const char*>(data), size}, &turn);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  return pwrite(fd, data, size, offset);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  Turn turn;
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  }
  return Write(fd, syscall(SYS_writev, fd, parts, count), -1, bytes, &turn);
}

int ftruncate(int fd, off_t size) {
  Turn turn;
  const long result = syscall(SYS_ftruncate, fd, size);
  if (result == 0 && turn->Tracks(fd)) turn->Log("truncate" + Number(fd) + Number(size));
  return static_cast<int>(result);
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }
int fallocate(int fd, int mode, off_t offset, off_t size) {
  return Allocate(fd, mode, offset, size);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t size) {
  return Allocate(fd, mode, offset, size);
}
int posix_fallocate(int fd, off_t offset, off_t size) {
  return Allocate(fd, 0, offset, size) == 0 ? 0 : errno;
}

int fsync(int fd) {
  Turn turn;
  return OnFile("fsync", fd, syscall(SYS_fsync, fd), &turn);
}
int fdatasync(int fd) {
  Turn turn;
  return OnFile("fdatasync", fd, syscall(SYS_fdatasync, fd), &turn);
}
int sync_file_range(int fd, off64_t offset, off64_t size, unsigned flags) {
  Turn turn;
  return OnFile("sync_file_range", fd, syscall(SYS_sync_file_range, fd, offset, size, flags),
                &turn);
}

int rename(const char* from, const char* to) {
  Turn turn;
  return OnPaths("rename", from, to, syscall(SYS_rename, from, to), &turn);
}
int link(const char* from, const char* to) {
  Turn turn;
  return OnPaths("link", from, to, syscall(SYS_link, from, to), &turn);
}
int unlink(const char* path) {
  Turn turn;
  return OnPath("unlink", path, syscall(SYS_unlink, path), &turn);
}
int mkdir(const char* path, mode_t mode) {
  Turn turn;
  return OnPath("mkdir", path, syscall(SYS_mkdir, path, mode), &turn);
}
int rmdir(const char* path) {
  Turn turn;
  return OnPath("rmdir", path, syscall(SYS_rmdir, path), &turn);
}
int remove(const char* path) {
  const int result = unlink(path);
  return result == 0 || errno != EISDIR ? result : rmdir(path);
}

FILE* fdopen(int fd, const char* mode) {
  {
    Turn turn;
    if (turn->Tracks(fd)) turn->Log("stdio" + Number(fd));
  }
  return Next<FILE*(int, const char*)>("fdopen")(fd, mode);
}
FILE* fopen(const char* path, const char* mode) { return OpenStream("fopen", path, mode); }
FILE* fopen64(const char* path, const char* mode) { return OpenStream("fopen64", path, mode); }

void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  return Map(address, size, protection, flags, fd, offset);
}
void* mmap64(void* address, size_t size, int protection, int flags, int fd, off64_t offset) {
  return Map(address, size, protection, flags, fd, offset);
}

}  // extern "C"
