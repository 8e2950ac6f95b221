#include "testing/sim/sim_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace lsm::sim {
namespace {

// What a mapped file allocates at a time if its options do not say.
constexpr uint64_t kDefaultWindowBytes = 64 << 10;

// What all open files share: a name for messages and the way to the gate.
class Handle {
 public:
  Handle(IoGate* gate, std::string path, Disk::File file)
      : gate_(gate), path_(std::move(path)), file_(std::move(file)), boot_(gate->boot()) {}

  Status Pass(const char* what) const { return gate_->Pass(what, path_, boot_); }
  Status PassCounted(const char* what) const { return gate_->PassCounted(what, path_, boot_); }
  bool HasPower() const { return gate_->HasPower(boot_); }
  const std::string& path() const { return path_; }
  Inode& file() const { return *file_; }

 private:
  IoGate* const gate_;
  const std::string path_;
  const Disk::File file_;
  const uint64_t boot_;
};

size_t CopyOut(const std::string& bytes, uint64_t offset, size_t n, char* scratch) {
  if (offset >= bytes.size()) return 0;
  n = static_cast<size_t>(std::min<uint64_t>(n, bytes.size() - offset));
  std::memcpy(scratch, bytes.data() + offset, n);
  return n;
}

class SimSequentialFile final : public SequentialFile {
 public:
  explicit SimSequentialFile(Handle handle) : handle_(std::move(handle)) {}

  Result<size_t> Read(size_t n, char* scratch) override {
    LSM_RETURN_IF_ERROR(handle_.Pass("read"));
    const size_t read = CopyOut(handle_.file().bytes(), offset_, n, scratch);
    offset_ += read;
    return read;
  }

 private:
  const Handle handle_;
  uint64_t offset_ = 0;
};

class PlainReader final : public RandomAccessFile {
 public:
  explicit PlainReader(Handle handle) : handle_(std::move(handle)), size_(handle_.file().size()) {}

  Result<std::string_view> Read(uint64_t offset, size_t n, char* scratch) const override {
    LSM_RETURN_IF_ERROR(handle_.Pass("read"));
    return std::string_view(scratch, CopyOut(handle_.file().bytes(), offset, n, scratch));
  }
  uint64_t Size() const override { return size_; }
  bool IsMapped() const override { return false; }
  Status MappingStatus() const override { return Status::Ok(); }

 private:
  const Handle handle_;
  const uint64_t size_;
};

// Sees the bytes as they stood when it was opened: a finished file does not change.
class MappedReader final : public RandomAccessFile {
 public:
  explicit MappedReader(Handle handle)
      : handle_(std::move(handle)), mapping_(handle_.file().Map()) {}

  Result<std::string_view> Read(uint64_t offset, size_t n, char*) const override {
    LSM_RETURN_IF_ERROR(handle_.Pass("read"));
    if (offset >= mapping_->size()) return std::string_view();
    return std::string_view(*mapping_).substr(offset, n);
  }
  uint64_t Size() const override { return mapping_->size(); }
  bool IsMapped() const override { return true; }
  Status MappingStatus() const override {
    if (handle_.HasPower()) return Status::Ok();
    return Status::IOError(fmt::format("read {}: simulated power cut", handle_.path()));
  }

 private:
  const Handle handle_;
  const std::shared_ptr<const std::string> mapping_;
};

// Sync and Close in terms of Flush, which the two kinds of file do their own way.
class SimWritableFile : public WritableFile {
 public:
  SimWritableFile(Handle handle, const Disk* disk) : handle_(std::move(handle)), disk_(disk) {}

  Status Sync() final {
    LSM_RETURN_IF_ERROR(Flush());
    LSM_RETURN_IF_ERROR(handle_.PassCounted("sync"));
    file().Sync();
    return Status::Ok();
  }

  Status Close() override {
    if (closed_) return Status::Ok();
    LSM_RETURN_IF_ERROR(Flush());
    LSM_RETURN_IF_ERROR(handle_.PassCounted("close"));
    closed_ = true;
    return Status::Ok();
  }

 protected:
  Inode& file() const { return handle_.file(); }
  Status Pass(const char* what) const {
    if (closed_) return Status::IOError(fmt::format("{} {}: is closed", what, handle_.path()));
    return handle_.Pass(what);
  }
  Status PassCounted(const char* what) const { return handle_.PassCounted(what); }
  // Room for the file to reach `size` bytes.
  Status Reserve(uint64_t size, const char* what) const {
    if (size <= file().size()) return Status::Ok();
    return disk_->Reserve(size - file().size(), what, handle_.path());
  }
  void Write(std::string_view data) {
    file().Write(written_, data);
    written_ += data.size();
  }
  uint64_t written() const { return written_; }

 private:
  const Handle handle_;
  const Disk* const disk_;
  uint64_t written_ = 0;  // where the next byte goes
  bool closed_ = false;
};

class PlainWriter final : public SimWritableFile {
 public:
  using SimWritableFile::SimWritableFile;

  Status Append(std::string_view data) override {
    LSM_RETURN_IF_ERROR(Pass("append"));
    buffer_.append(data);
    return Status::Ok();
  }

  Status Flush() override {
    LSM_RETURN_IF_ERROR(Pass("flush"));
    if (buffer_.empty()) return Status::Ok();
    LSM_RETURN_IF_ERROR(PassCounted("flush"));
    LSM_RETURN_IF_ERROR(Reserve(written() + buffer_.size(), "flush"));
    Write(buffer_);
    buffer_.clear();
    return Status::Ok();
  }

 private:
  std::string buffer_;
};

class MappedWriter final : public SimWritableFile {
 public:
  MappedWriter(Handle handle, const Disk* disk, uint64_t window)
      : SimWritableFile(std::move(handle), disk),
        window_(window == 0 ? kDefaultWindowBytes : window) {}

  Status Append(std::string_view data) override {
    LSM_RETURN_IF_ERROR(Pass("append"));
    const uint64_t end = written() + data.size();
    if (end > file().size()) {
      const uint64_t allocated = (end + window_ - 1) / window_ * window_;
      LSM_RETURN_IF_ERROR(Reserve(allocated, "append"));
      file().Resize(allocated);
    }
    Write(data);
    return Status::Ok();
  }

  Status Flush() override {
    LSM_RETURN_IF_ERROR(Pass("publish"));
    if (published_ == written()) return Status::Ok();
    LSM_RETURN_IF_ERROR(PassCounted("publish"));
    published_ = written();
    return Status::Ok();
  }

  Status Close() override {
    LSM_RETURN_IF_ERROR(SimWritableFile::Close());
    file().Resize(written());  // gives the rest of the window back
    return Status::Ok();
  }

 private:
  const uint64_t window_;
  uint64_t published_ = 0;
};

class SimFileLock final : public FileLock {
 public:
  SimFileLock(IoGate* gate, Disk* disk, std::string path)
      : gate_(gate), disk_(disk), path_(std::move(path)), boot_(gate->boot()) {}
  ~SimFileLock() override {
    // After a restart the name may be locked again by somebody else.
    if (gate_->boot() == boot_) disk_->Unlock(path_);
  }

 private:
  IoGate* const gate_;
  Disk* const disk_;
  const std::string path_;
  const uint64_t boot_;
};

}  // namespace

std::unique_ptr<SequentialFile> NewSequentialFile(IoGate* gate, std::string path, Disk::File file) {
  return std::make_unique<SimSequentialFile>(Handle(gate, std::move(path), std::move(file)));
}

std::unique_ptr<RandomAccessFile> NewRandomAccessFile(IoGate* gate, std::string path,
                                                      Disk::File file, IoMode io) {
  Handle handle(gate, std::move(path), std::move(file));
  if (io == IoMode::kMapped) return std::make_unique<MappedReader>(std::move(handle));
  return std::make_unique<PlainReader>(std::move(handle));
}

std::unique_ptr<WritableFile> NewWritableFile(IoGate* gate, const Disk* disk, std::string path,
                                              Disk::File file, const WritableFileOptions& options) {
  Handle handle(gate, std::move(path), std::move(file));
  if (options.io == IoMode::kMapped) {
    return std::make_unique<MappedWriter>(std::move(handle), disk, options.preallocate_bytes);
  }
  return std::make_unique<PlainWriter>(std::move(handle), disk);
}

std::unique_ptr<FileLock> NewFileLock(IoGate* gate, Disk* disk, std::string path) {
  return std::make_unique<SimFileLock>(gate, disk, std::move(path));
}

}  // namespace lsm::sim
