// Files that are appended to: through a buffer and write(), or through a mapped window.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "env/posix_files.h"
#include "env/posix_io.h"
#include "env/posix_mapping.h"

namespace lsm::posix {
namespace {

class PlainWritableFile final : public WritableFile {
 public:
  PlainWritableFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Status Append(std::string_view data) override {
    LSM_DCHECK(fd_.open());
    const size_t n = std::min(data.size(), kBufferBytes - used_);
    data.copy(buffer_.get() + used_, n);
    used_ += n;
    data.remove_prefix(n);
    if (data.empty()) return Status::Ok();
    LSM_RETURN_IF_ERROR(Flush());
    if (data.size() >= kBufferBytes) return WriteAll(fd_, path_, data);
    data.copy(buffer_.get(), data.size());
    used_ = data.size();
    return Status::Ok();
  }

  Status Flush() override {
    LSM_DCHECK(fd_.open());
    return WriteAll(fd_, path_, {buffer_.get(), std::exchange(used_, 0)});
  }

  Status Sync() override {
    LSM_RETURN_IF_ERROR(Flush());
    return SyncData(fd_, path_);
  }

  Status Close() override {
    if (!fd_.open()) return Status::Ok();
    Status flushed = Flush();
    Status closed = fd_.Close(path_);
    return flushed.ok() ? closed : flushed;
  }

 private:
  static constexpr size_t kBufferBytes = size_t{64} << 10;

  const std::string path_;
  Fd fd_;
  const std::unique_ptr<char[]> buffer_{new char[kBufferBytes]};
  size_t used_ = 0;
};

// Small enough that a short log costs little, large enough to amortise the calls that make it.
constexpr uint64_t kWindowBytesMin = uint64_t{256} << 10;
constexpr uint64_t kWindowBytesDefault = uint64_t{1} << 20;
// Making a window's pages present takes about half a microsecond each: larger ones stall a writer.
constexpr uint64_t kWindowBytesMax = uint64_t{4} << 20;

// Space is allocated first: a full disk is then a status and not a fault. Not posix_fallocate:
// where the file system cannot allocate, the C library would write to every block.
Result<Mapping> MakeWindow(const Fd& fd, const std::string& path, uint64_t offset, uint64_t n) {
  const int result = Retry(
      [&] { return fallocate(fd.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(n)); });
  if (result == -1 && (errno == EOPNOTSUPP || errno == ENOSYS)) {
    return Status::NotSupported("allocate " + path);
  }
  LSM_RETURN_IF_ERROR(StatusOf(result, "allocate", path));
  return Mapping::Map(fd, path, offset, static_cast<size_t>(n), Mapping::Access::kAppend);
}

Status Truncate(const Fd& fd, const std::string& path, uint64_t size) {
  return StatusOf(Retry([&] { return ftruncate(fd.get(), static_cast<off_t>(size)); }), "truncate",
                  path);
}

// Invariants: (1) bytes [window_offset_, window_offset_ + window_.size()) of the file are allocated
// on the disk and mapped, and the file ends with them. (2) Bytes before window_offset_ + used_ were
// appended; those behind are zeros, and stay in the file when the process is killed.
class MappedWritableFile final : public WritableFile {
 public:
  MappedWritableFile(std::string path, Fd fd, Mapping window, uint64_t window_bytes_max)
      : path_(std::move(path)),
        fd_(std::move(fd)),
        window_bytes_max_(window_bytes_max),
        window_(std::move(window)) {}
  ~MappedWritableFile() override {
    if (fd_.open()) Trim().IgnoreError();  // whoever needs the result calls Close
  }

  Status Append(std::string_view data) override {
    LSM_DCHECK(fd_.open());
    while (data.size() > window_.size() - used_) {
      const size_t n = window_.size() - used_;
      Copy(data.substr(0, n));
      data.remove_prefix(n);
      LSM_RETURN_IF_ERROR(NextWindow());
    }
    Copy(data);
    return WindowStatus();
  }

  // The pages are the operating system's already.
  Status Flush() override { return WindowStatus(); }

  Status Sync() override {
    LSM_RETURN_IF_ERROR(WindowStatus());
    return SyncData(fd_, path_);
  }

  Status Close() override {
    if (!fd_.open()) return Status::Ok();
    Status trimmed = Trim();
    Status closed = fd_.Close(path_);
    return trimmed.ok() ? closed : trimmed;
  }

 private:
  void Copy(std::string_view data) {
    data.copy(window_.data() + used_, data.size());
    used_ += data.size();
  }

  Status WindowStatus() const {
    return window_.damaged() ? ErrorStatus("write mapped", path_, EIO) : Status::Ok();
  }

  // Replaces the full window by one behind it, twice as large.
  Status NextWindow() {
    LSM_RETURN_IF_ERROR(WindowStatus());
    const uint64_t offset = window_offset_ + window_.size();
    const uint64_t n = std::min<uint64_t>(window_.size() * 2, window_bytes_max_);
    Result<Mapping> window = MakeWindow(fd_, path_, offset, n);
    if (window.status().code() == StatusCode::kNoSpace) {
      // A nearly full disk is used up before it counts as full.
      window = MakeWindow(fd_, path_, offset, kWindowBytesMin);
    }
    if (!window.ok()) return window.status();
    window_ = *std::move(window);
    window_offset_ = offset;
    used_ = 0;
    return Status::Ok();
  }

  // Gives the space behind the last appended byte back.
  Status Trim() {
    LSM_RETURN_IF_ERROR(WindowStatus());  // a file that was cut off is not made longer again
    const uint64_t size = window_offset_ + used_;
    window_ = Mapping();
    return Truncate(fd_, path_, size);
  }

  const std::string path_;
  Fd fd_;
  const uint64_t window_bytes_max_;
  Mapping window_;
  uint64_t window_offset_ = 0;
  size_t used_ = 0;  // bytes of the window
};

// Null where the file system cannot do it: the file is then plain.
Result<std::unique_ptr<WritableFile>> MakeMapped(const std::string& path, Fd* fd,
                                                 uint64_t preallocate_bytes) {
  Result<Mapping> window = MakeWindow(*fd, path, 0, kWindowBytesMin);
  if (!window.ok()) {
    LSM_RETURN_IF_ERROR(Truncate(*fd, path, 0));  // part of it may have been allocated
    if (window.status().code() == StatusCode::kNotSupported) {
      return std::unique_ptr<WritableFile>();
    }
    return window.status();
  }
  const uint64_t wanted = preallocate_bytes == 0 ? kWindowBytesDefault : preallocate_bytes;
  const uint64_t whole_pages = wanted / PageBytes() * PageBytes();
  const uint64_t bytes_max = std::clamp(whole_pages, kWindowBytesMin, kWindowBytesMax);
  return std::unique_ptr<WritableFile>(
      std::make_unique<MappedWritableFile>(path, std::move(*fd), *std::move(window), bytes_max));
}

}  // namespace

Result<std::unique_ptr<WritableFile>> CreateWritableFile(const std::string& path,
                                                         const WritableFileOptions& options) {
  LSM_ASSIGN_OR_RETURN(Fd fd, Open(path, O_RDWR | O_CREAT | O_TRUNC));
  if (options.io == IoMode::kMapped) {
    LSM_ASSIGN_OR_RETURN(auto mapped, MakeMapped(path, &fd, options.preallocate_bytes));
    if (mapped != nullptr) return mapped;
  }
  return std::unique_ptr<WritableFile>(std::make_unique<PlainWritableFile>(path, std::move(fd)));
}

}  // namespace lsm::posix
