#include "testing/sim/sim_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

namespace lsm::sim {
namespace {

// What a mapped file allocates at a time if its options do not say.
constexpr uint64_t kDefaultWindowBytes = 64 << 10;

// What all open files share: a name for messages, the way to the gate, a place in the table.
class Handle {
 public:
  Handle(const Machine& machine, HandleTable::Kind kind, std::string path, Disk::File file)
      : machine_(machine),
        path_(std::move(path)),
        file_(std::move(file)),
        boot_(machine.gate->boot()),
        place_(machine.handles->Add(kind, path_, file_)) {}

  Outcome Pass(IoKind kind, const char* what, uint64_t offset = 0, uint64_t bytes = 0) const {
    return machine_.gate->Pass({kind, what, path_, false, offset, bytes}, boot_);
  }
  Status PassUncounted(const char* what) const {
    return machine_.gate->PassUncounted(what, path_, boot_);
  }
  // What an earlier sync kept for itself, as the result of this operation.
  Status TellLate(IoKind kind, const char* what) const {
    return machine_.gate->ToldLate({kind, what, path_}, file_->TakeLateError());
  }
  bool HasPower() const { return machine_.gate->HasPower(boot_); }
  const std::string& path() const { return path_; }
  Inode& file() const { return *file_; }
  Disk& disk() const { return *machine_.disk; }
  void Close() { place_.Close(); }

 private:
  Machine machine_;
  std::string path_;
  Disk::File file_;
  uint64_t boot_;
  HandleTable::Handle place_;
};

// What nobody was given holds this, so that whoever looks behind the end of an answer, or at the
// answer of a read that failed, sees it.
constexpr char kScramble = '\xdb';

size_t CopyOut(const std::string& bytes, uint64_t offset, size_t n, const Outcome& io,
               char* scratch) {
  const uint64_t there = offset < bytes.size() ? std::min<uint64_t>(n, bytes.size() - offset) : 0;
  const auto copied = static_cast<size_t>(io.Part(there));
  if (copied > 0) std::memcpy(scratch, bytes.data() + offset, copied);
  std::memset(scratch + copied, kScramble, n - copied);
  return copied;
}

// A short read says OK (Effect::kShort).
Status ReadStatus(const Outcome& io) {
  return io.effect == Effect::kShort ? Status::Ok() : io.error;
}

class SimSequentialFile final : public SequentialFile {
 public:
  explicit SimSequentialFile(Handle handle) : handle_(std::move(handle)) {}

  Result<size_t> Read(size_t n, char* scratch) override {
    const Outcome io = handle_.Pass(IoKind::kRead, "read", offset_, n);
    const size_t read = CopyOut(handle_.file().bytes(), offset_, n, io, scratch);
    offset_ += read;
    LSM_RETURN_IF_ERROR(ReadStatus(io));
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
    const Outcome io = handle_.Pass(IoKind::kRead, "read", offset, n);
    const size_t read = CopyOut(handle_.file().bytes(), offset, n, io, scratch);
    LSM_RETURN_IF_ERROR(ReadStatus(io));
    return std::string_view(scratch, read);
  }
  uint64_t Size() const override { return size_; }
  bool IsMapped() const override { return false; }
  Status MappingStatus() const override { return Status::Ok(); }

 private:
  const Handle handle_;
  const uint64_t size_;
};

// Sees the bytes as they stood when it was opened, in a copy of its own: a finished file does not
// change, and a view that outlives the file is a use after free that a sanitizer sees. As with a
// real mapping no read fails: pages that cannot be read are zeros, and MappingStatus has the error.
class MappedReader final : public RandomAccessFile {
 public:
  explicit MappedReader(Handle handle)
      : handle_(std::move(handle)), mapping_(handle_.file().bytes()) {}

  Result<std::string_view> Read(uint64_t offset, size_t n, char*) const override {
    const uint64_t begin = std::min<uint64_t>(offset, mapping_.size());
    const std::string_view bytes = std::string_view(mapping_).substr(begin, n);
    const Outcome io = handle_.Pass(IoKind::kRead, "read", begin, bytes.size());
    if (io.happens()) return bytes;
    if (!handle_.HasPower()) return io.error;
    if (damage_.ok()) damage_ = io.error;
    zeros_.emplace_back(bytes.substr(0, io.Part(bytes.size()))).resize(bytes.size());
    return std::string_view(zeros_.back());
  }
  uint64_t Size() const override { return mapping_.size(); }
  bool IsMapped() const override { return true; }
  Status MappingStatus() const override {
    if (handle_.HasPower()) return damage_;
    return Status::IOError(fmt::format("read {}: simulated power cut", handle_.path()));
  }

 private:
  const Handle handle_;
  const std::string mapping_;
  mutable Status damage_;
  mutable std::deque<std::string> zeros_;  // what stands for pages that could not be read
};

// Sync and Close in terms of Flush, which the two kinds of file do their own way.
class SimWritableFile : public WritableFile {
 public:
  explicit SimWritableFile(Handle handle) : handle_(std::move(handle)) {}

  Status Sync() final {
    LSM_RETURN_IF_ERROR(Flush());
    const Outcome io = Pass(IoKind::kSync, "sync");
    if (!io.effect.has_value() && !io.error.ok()) return io.error;  // the power
    switch (io.effect.value_or(Effect::kDone)) {
      case Effect::kDone:
        handle_.disk().SyncFile(&file());
        return io.error.ok() ? handle_.TellLate(IoKind::kSync, "sync") : io.error;
      case Effect::kKeep:
        file().DropDirty();
        return io.error;
      case Effect::kRevert:
        file().RevertDirty();
        return io.error;
      case Effect::kLate:
        file().DropDirty();
        file().set_late_error(io.error);
        return Status::Ok();
      case Effect::kLie:
        return Status::Ok();
      case Effect::kFail:
      case Effect::kShort:
        return io.error;
    }
    return io.error;
  }

  // As close() has it: whatever it returns, the file is closed.
  Status Close() final {
    if (closed_) return Status::Ok();
    const Status flushed = Flush();
    const Outcome io = Pass(IoKind::kClose, "close");
    closed_ = true;
    handle_.Close();
    if (io.happens()) Trim();
    if (!flushed.ok()) return flushed;
    return io.error.ok() ? handle_.TellLate(IoKind::kClose, "close") : io.error;
  }

 protected:
  Inode& file() const { return handle_.file(); }
  Outcome Pass(IoKind kind, const char* what, uint64_t offset = 0, uint64_t bytes = 0) const {
    return handle_.Pass(kind, what, offset, bytes);
  }
  Status CheckOpen(const char* what) const {
    if (closed_) return Status::IOError(fmt::format("{} {}: is closed", what, handle_.path()));
    return handle_.PassUncounted(what);
  }
  // Room for the file to reach `size` bytes.
  Status Reserve(uint64_t size, const char* what) const {
    if (size <= file().size()) return Status::Ok();
    return handle_.disk().Reserve(size - file().size(), what, handle_.path());
  }
  void Write(std::string_view data) {
    file().Write(written_, data);
    written_ += data.size();
  }
  uint64_t written() const { return written_; }
  virtual void Trim() {}  // gives space back

 private:
  Handle handle_;
  uint64_t written_ = 0;  // where the next byte goes
  bool closed_ = false;
};

class PlainWriter final : public SimWritableFile {
 public:
  using SimWritableFile::SimWritableFile;

  Status Append(std::string_view data) override {
    LSM_RETURN_IF_ERROR(CheckOpen("append"));
    buffer_.append(data);
    return Status::Ok();
  }

  // What could not be written is gone from the buffer: it is not tried again.
  Status Flush() override {
    LSM_RETURN_IF_ERROR(CheckOpen("flush"));
    if (buffer_.empty()) return Status::Ok();
    const Outcome io = Pass(IoKind::kAppend, "flush", written(), buffer_.size());
    const uint64_t n = io.Part(buffer_.size());
    const Status full = Reserve(written() + n, "flush");
    if (full.ok()) Write(std::string_view(buffer_).substr(0, n));
    buffer_.clear();
    return io.error.ok() ? full : io.error;
  }

 private:
  std::string buffer_;
};

class MappedWriter final : public SimWritableFile {
 public:
  MappedWriter(Handle handle, uint64_t window)
      : SimWritableFile(std::move(handle)), window_(window == 0 ? kDefaultWindowBytes : window) {}

  Status Append(std::string_view data) override {
    LSM_RETURN_IF_ERROR(CheckOpen("append"));
    const uint64_t end = written() + data.size();
    if (end > file().size()) {
      const uint64_t allocated = (end + window_ - 1) / window_ * window_;
      LSM_RETURN_IF_ERROR(Reserve(allocated, "append"));
      file().Resize(allocated);
    }
    Write(data);
    return Status::Ok();
  }

  // The bytes are in the file already. A short one is a page that could not be written: what
  // follows the prefix went to memory that is not the file's.
  Status Flush() override {
    LSM_RETURN_IF_ERROR(CheckOpen("publish"));
    const uint64_t n = written() - published_;
    if (n == 0) return Status::Ok();
    const Outcome io = Pass(IoKind::kAppend, "publish", published_, n);
    if (io.effect == Effect::kShort) {
      const uint64_t arrived = io.Part(n);
      file().Write(published_ + arrived, std::string(n - arrived, '\0'));
    }
    if (io.happens()) published_ = written();
    return io.error;
  }

 private:
  void Trim() override { file().Resize(written()); }

  const uint64_t window_;
  uint64_t published_ = 0;
};

class SimFileLock final : public FileLock {
 public:
  explicit SimFileLock(HandleTable::Handle handle) : handle_(std::move(handle)) {}

 private:
  const HandleTable::Handle handle_;
};

}  // namespace

std::unique_ptr<SequentialFile> NewSequentialFile(const Machine& machine, std::string path,
                                                  Disk::File file) {
  return std::make_unique<SimSequentialFile>(
      Handle(machine, HandleTable::Kind::kReader, std::move(path), std::move(file)));
}

std::unique_ptr<RandomAccessFile> NewRandomAccessFile(const Machine& machine, std::string path,
                                                      Disk::File file, IoMode io) {
  const bool mapped = io == IoMode::kMapped;
  Handle handle(machine, mapped ? HandleTable::Kind::kMapping : HandleTable::Kind::kReader,
                std::move(path), std::move(file));
  if (mapped) return std::make_unique<MappedReader>(std::move(handle));
  return std::make_unique<PlainReader>(std::move(handle));
}

std::unique_ptr<WritableFile> NewWritableFile(const Machine& machine, std::string path,
                                              Disk::File file, const WritableFileOptions& options) {
  Handle handle(machine, HandleTable::Kind::kWriter, std::move(path), std::move(file));
  if (options.io == IoMode::kMapped) {
    return std::make_unique<MappedWriter>(std::move(handle), options.preallocate_bytes);
  }
  return std::make_unique<PlainWriter>(std::move(handle));
}

std::unique_ptr<FileLock> NewFileLock(const Machine& machine, const std::string& path) {
  return std::make_unique<SimFileLock>(
      machine.handles->Add(HandleTable::Kind::kLock, path, nullptr));
}

}  // namespace lsm::sim
