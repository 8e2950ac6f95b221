// What the files of the POSIX environment share: descriptors, errors that name operation and path,
// and transfers that continue after EINTR and after a short count. Private to env/posix*.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "lsm/status.h"

namespace lsm::posix {

// "<operation> <path>: <text of the error number>": NoSpace when the disk or a quota is full,
// NotFound for ENOENT, else IOError.
Status ErrorStatus(std::string_view operation, std::string_view path, int error);

// For ENOENT where a directory is missing rather than the file that was asked for: NotFound becomes
// IOError.
Status MissingDirIsError(Status status);

// Repeats a system call for as long as a signal interrupts it.
template <class Call>
auto Retry(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

// OK if a system call's `result` is not -1, else the status of errno.
template <class T>
Status StatusOf(T result, std::string_view operation, std::string_view path) {
  return result == -1 ? ErrorStatus(operation, path, errno) : Status::Ok();
}

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  // REQUIRES: open().
  Status Close(std::string_view path);

 private:
  int fd_ = -1;
};

// open(2), close-on-exec, mode 0644. NotFound if a file that is not to be created does not exist.
Result<Fd> Open(const std::string& path, int flags);

Result<uint64_t> SizeOf(const Fd& fd, std::string_view path);

// Bytes [offset, offset + n) into `to`; fewer only at the end of the file.
Result<size_t> ReadAt(const Fd& fd, std::string_view path, uint64_t offset, size_t n, char* to);

// All of `data` at the descriptor's position.
Status WriteAll(const Fd& fd, std::string_view path, std::string_view data);

// The file's bytes and size on the device; also bytes that were written through a mapping.
Status SyncData(const Fd& fd, std::string_view path);

}  // namespace lsm::posix
