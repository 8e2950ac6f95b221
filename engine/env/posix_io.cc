#include "env/posix_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "base/check.h"

namespace lsm::posix {

Status ErrorStatus(std::string_view operation, std::string_view path, int error) {
  // Unlike strerror, message() is thread-safe everywhere.
  std::string text =
      fmt::format("{} {}: {}", operation, path, std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT) return Status::NoSpace(std::move(text));
  if (error == ENOENT) return Status::NotFound(std::move(text));
  return Status::IOError(std::move(text));
}

Status MissingDirIsError(Status status) {
  if (!status.IsNotFound()) return status;
  return Status::IOError(std::string(status.message()));
}

Fd::~Fd() {
  if (open()) close(fd_);  // whoever needs the result calls Close
}

Status Fd::Close(std::string_view path) {
  LSM_DCHECK(open());
  // Not repeated after EINTR: the descriptor is free by then and may be another thread's.
  if (close(std::exchange(fd_, -1)) == -1 && errno != EINTR) {
    return ErrorStatus("close", path, errno);
  }
  return Status::Ok();
}

Result<Fd> Open(const std::string& path, int flags) {
  Fd fd(Retry([&] { return open(path.c_str(), flags | O_CLOEXEC, 0644); }));
  if (fd.open()) return fd;
  Status status = ErrorStatus("open", path, errno);
  return (flags & (O_CREAT | O_DIRECTORY)) != 0 ? MissingDirIsError(std::move(status)) : status;
}

Result<uint64_t> SizeOf(const Fd& fd, std::string_view path) {
  struct stat info;
  LSM_RETURN_IF_ERROR(StatusOf(fstat(fd.get(), &info), "stat", path));
  return static_cast<uint64_t>(info.st_size);
}

Result<size_t> ReadAt(const Fd& fd, std::string_view path, uint64_t offset, size_t n, char* to) {
  size_t done = 0;
  while (done < n) {
    const ssize_t count = Retry(
        [&] { return pread(fd.get(), to + done, n - done, static_cast<off_t>(offset + done)); });
    if (count < 0) return ErrorStatus("read", path, errno);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

Status WriteAll(const Fd& fd, std::string_view path, std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = Retry([&] { return write(fd.get(), data.data(), data.size()); });
    if (count < 0) return ErrorStatus("write", path, errno);
    data.remove_prefix(static_cast<size_t>(count));
  }
  return Status::Ok();
}

Status SyncData(const Fd& fd, std::string_view path) {
  return StatusOf(Retry([&] { return fdatasync(fd.get()); }), "sync", path);
}

}  // namespace lsm::posix
