// "notes", the example of docs/engines.md: a whole engine and its adapter. A std::map, and one file
// to which each batch is appended: crc32c fixed32 | length fixed32 | bytes of the batch.
//
// Two variants leave out a barrier. They are the controls of the crash check: it must find them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include "base/coding.h"
#include "base/crc32c.h"
#include "foreign/engines.h"
#include "format/batch.h"

namespace lsm::lab {
namespace {

enum class Skip : uint8_t { kNothing, kFileSync, kDirSync };

using Notes = std::map<std::string, std::string, std::less<>>;

class NoteCursor final : public Cursor {
 public:
  explicit NoteCursor(Notes notes) : notes_(std::move(notes)), at_(notes_.end()) {}

  bool Valid() const override { return at_ != notes_.end(); }
  void SeekToFirst() override { at_ = notes_.begin(); }
  void SeekToLast() override { at_ = notes_.empty() ? notes_.end() : std::prev(notes_.end()); }
  void Seek(std::string_view target) override { at_ = notes_.lower_bound(target); }
  void Next() override { ++at_; }
  void Prev() override { at_ = at_ == notes_.begin() ? notes_.end() : std::prev(at_); }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return at_->second; }
  Status status() const override { return Status::Ok(); }

 private:
  const Notes notes_;
  Notes::const_iterator at_;
};

class NoteBook final : public Engine {
 public:
  NoteBook(std::string dir, Skip skip) : dir_(std::move(dir)), skip_(skip) {}
  ~NoteBook() override {
    if (file_ >= 0) close(file_);
  }

  Status Open() {
    if (mkdir(dir_.c_str(), 0755) != 0 && errno != EEXIST) return Error("mkdir");
    file_ = open((dir_ + "/NOTES").c_str(), O_RDWR | O_CREAT, 0644);
    if (file_ < 0) return Error("open");
    if (skip_ != Skip::kDirSync) {
      const int dir = open(dir_.c_str(), O_RDONLY | O_DIRECTORY);
      if (dir < 0 || fsync(dir) != 0 || close(dir) != 0) return Error("sync of the directory");
    }
    return Replay();
  }

  Status Write(const WriteBatch& batch, bool sync) override {
    const std::string_view bytes = WriteBatchRep::Bytes(batch);
    std::string frame;
    PutFixed32(&frame, crc32c::Value(bytes));
    PutFixed32(&frame, static_cast<uint32_t>(bytes.size()));
    frame.append(bytes);
    const auto size = static_cast<ssize_t>(frame.size());
    if (write(file_, frame.data(), frame.size()) != size) return Error("write");
    if (sync && skip_ != Skip::kFileSync && fdatasync(file_) != 0) return Error("fdatasync");
    return Apply(batch);
  }
  Status Get(std::string_view key, State at, std::string* value) override {
    const auto found = NotesAt(at).find(key);
    if (found == NotesAt(at).end()) return Status::NotFound("");
    *value = found->second;
    return Status::Ok();
  }
  std::unique_ptr<Cursor> NewCursor(State at) override {
    return std::make_unique<NoteCursor>(NotesAt(at));
  }
  State TakeSnapshot() override { return new Notes(notes_); }
  void ReleaseSnapshot(State snapshot) override { delete static_cast<const Notes*>(snapshot); }

 private:
  struct Applier final : WriteBatch::Handler {
    explicit Applier(Notes* to) : notes(to) {}
    void Put(std::string_view key, std::string_view value) override {
      notes->insert_or_assign(std::string(key), std::string(value));
    }
    void Delete(std::string_view key) override { notes->erase(std::string(key)); }
    Notes* const notes;
  };

  Status Error(const std::string& what) const {
    return Status::IOError(what + " " + dir_ + ": " + std::strerror(errno));
  }
  const Notes& NotesAt(State at) const {
    return at == nullptr ? notes_ : *static_cast<const Notes*>(at);
  }
  Status Apply(const WriteBatch& batch) {
    Applier applier(&notes_);
    return batch.Iterate(&applier);
  }

  // Up to the first frame that is not whole, which is cut off: the tail that a crash tore.
  Status Replay() {
    off_t end = 0;
    for (char head[8]; pread(file_, head, sizeof(head), end) == sizeof(head);) {
      std::string bytes(DecodeFixed32(head + 4), '\0');
      const ssize_t n = pread(file_, bytes.data(), bytes.size(), end + 8);
      WriteBatch batch;
      if (n != static_cast<ssize_t>(bytes.size()) || crc32c::Value(bytes) != DecodeFixed32(head) ||
          !WriteBatchRep::Parse(bytes, &batch).ok()) {
        break;
      }
      LSM_RETURN_IF_ERROR(Apply(batch));
      end += 8 + n;
    }
    if (ftruncate(file_, end) != 0) return Error("ftruncate");
    // What was read becomes durable before anybody sees it.
    if (skip_ != Skip::kFileSync && fdatasync(file_) != 0) return Error("fdatasync");
    return lseek(file_, end, SEEK_SET) == end ? Status::Ok() : Error("lseek");
  }

  const std::string dir_;
  const Skip skip_;
  int file_ = -1;
  Notes notes_;
};

template <Skip skip>
Result<std::unique_ptr<Engine>> OpenNotes(const Options&, const std::string& dir) {
  auto book = std::make_unique<NoteBook>(dir, skip);
  LSM_RETURN_IF_ERROR(book->Open());
  return std::unique_ptr<Engine>(std::move(book));
}

template <Skip skip>
EngineInfo Info(std::string name, std::string version) {
  EngineInfo info;
  info.name = std::move(name);
  info.version = std::move(version);
  info.open = OpenNotes<skip>;
  info.can_flush = info.can_compact = false;
  return info;
}

}  // namespace

std::vector<EngineInfo> NoteEngines() {
  return {Info<Skip::kNothing>("notes", "the example"),
          Info<Skip::kFileSync>("notes-no-sync", "the example, a sync is not done"),
          Info<Skip::kDirSync>("notes-no-dirsync", "the example, its file's name is not synced")};
}

}  // namespace lsm::lab
