// Files that are read: in order, at random with pread, or at random through a mapping.
#include <fcntl.h>

#include <algorithm>

#include "env/posix_files.h"
#include "env/posix_io.h"
#include "env/posix_mapping.h"

namespace lsm::posix {
namespace {

class PosixSequentialFile final : public SequentialFile {
 public:
  PosixSequentialFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Result<size_t> Read(size_t n, char* scratch) override {
    LSM_ASSIGN_OR_RETURN(const size_t count, ReadAt(fd_, path_, offset_, n, scratch));
    offset_ += count;
    return count;
  }

 private:
  const std::string path_;
  const Fd fd_;
  uint64_t offset_ = 0;
};

class PlainRandomAccessFile final : public RandomAccessFile {
 public:
  PlainRandomAccessFile(std::string path, Fd fd, uint64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  Result<std::string_view> Read(uint64_t offset, size_t n, char* scratch) const override {
    if (offset >= size_) return std::string_view();
    LSM_ASSIGN_OR_RETURN(const size_t count, ReadAt(fd_, path_, offset, n, scratch));
    return std::string_view(scratch, count);
  }
  uint64_t Size() const override { return size_; }
  bool IsMapped() const override { return false; }
  Status MappingStatus() const override { return Status::Ok(); }

 private:
  const std::string path_;
  const Fd fd_;
  const uint64_t size_;
};

class MappedRandomAccessFile final : public RandomAccessFile {
 public:
  MappedRandomAccessFile(std::string path, Mapping mapping)
      : path_(std::move(path)), mapping_(std::move(mapping)) {}

  Result<std::string_view> Read(uint64_t offset, size_t n, char* /*scratch*/) const override {
    const size_t begin = static_cast<size_t>(std::min<uint64_t>(offset, mapping_.size()));
    return std::string_view(mapping_.data() + begin, std::min(n, mapping_.size() - begin));
  }
  uint64_t Size() const override { return mapping_.size(); }
  bool IsMapped() const override { return true; }
  Status MappingStatus() const override {
    return mapping_.damaged() ? ErrorStatus("read mapped", path_, EIO) : Status::Ok();
  }

 private:
  const std::string path_;
  const Mapping mapping_;
};

}  // namespace

Result<std::unique_ptr<SequentialFile>> OpenSequentialFile(const std::string& path) {
  LSM_ASSIGN_OR_RETURN(Fd fd, Open(path, O_RDONLY));
  return std::unique_ptr<SequentialFile>(
      std::make_unique<PosixSequentialFile>(path, std::move(fd)));
}

Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccessFile(const std::string& path, IoMode io) {
  LSM_ASSIGN_OR_RETURN(Fd fd, Open(path, O_RDONLY));
  LSM_ASSIGN_OR_RETURN(const uint64_t size, SizeOf(fd, path));
  if (io == IoMode::kMapped && size > 0) {  // nothing cannot be mapped
    Result<Mapping> mapping =
        Mapping::Map(fd, path, 0, static_cast<size_t>(size), Mapping::Access::kRead);
    if (mapping.ok()) {
      return std::unique_ptr<RandomAccessFile>(
          std::make_unique<MappedRandomAccessFile>(path, *std::move(mapping)));
    }
  }
  return std::unique_ptr<RandomAccessFile>(
      std::make_unique<PlainRandomAccessFile>(path, std::move(fd), size));
}

}  // namespace lsm::posix
