#include "testing/toy_db.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/read_bounds.h"
#include "format/batch.h"
#include "format/filename.h"
#include "lsm/event.h"
#include "testing/plain_db.h"

namespace lsm::lab {
namespace {

constexpr size_t kHeaderBytes = 8;

struct Version {
  uint64_t sequence;
  std::optional<std::string> value;
};
using Table = std::map<std::string, std::vector<Version>, std::less<>>;
using Entries = std::vector<std::pair<std::string, std::string>>;

// A log's records bear its number, so that what a removed log left in the blocks of a new one does
// not count there.
uint32_t Checksum(std::string_view body, uint64_t log_number) {
  std::string number;
  PutFixed64(&number, log_number);
  return crc32c::Mask(crc32c::Extend(crc32c::Value(number), body));
}

std::string Frame(const WriteBatch& batch, uint64_t log_number) {
  const std::string_view bytes = WriteBatchRep::Bytes(batch);
  std::string record;
  PutFixed32(&record, Checksum(bytes, log_number));
  PutFixed32(&record, static_cast<uint32_t>(bytes.size()));
  record.append(bytes);
  return record;
}

class ToySnapshot final : public Snapshot {
 public:
  explicit ToySnapshot(uint64_t sequence) : sequence_(sequence) {}
  ~ToySnapshot() override = default;
  uint64_t sequence() const override { return sequence_; }

 private:
  const uint64_t sequence_;
};

class EntriesIterator final : public Iterator {
 public:
  EntriesIterator(Entries entries, bool skip_last)
      : entries_(std::move(entries)), at_(entries_.size()), skip_last_(skip_last) {}

  bool Valid() const override { return at_ < entries_.size(); }
  void SeekToFirst() override { at_ = 0; }
  void SeekToLast() override { at_ = entries_.size() - (skip_last_ ? 2 : 1); }
  void Seek(std::string_view target) override {
    for (at_ = 0; Valid() && key() < target;) ++at_;
  }
  void SeekForPrev(std::string_view target) override {
    Seek(target);
    if (!Valid() || key() > target) --at_;
  }
  void Next() override { ++at_; }
  void Prev() override { --at_; }  // before the first: SIZE_MAX, not valid
  std::string_view key() const override { return entries_[at_].first; }
  std::string_view value() const override { return entries_[at_].second; }
  Status status() const override { return Status::Ok(); }

 private:
  const Entries entries_;
  size_t at_;
  const bool skip_last_;
};

class ToyDb final : public PlainDb {
 public:
  ToyDb(const Options& options, std::string path, Flaw flaw)
      : env_(options.env),
        listener_(options.listener),
        expires_(options.policy == CompactionPolicy::kFifo),
        path_(std::move(path)),
        flaw_(flaw),
        mu_(env_) {}

  Status Recover();

  Status Write(const WriteOptions& options, const WriteBatch& batch) override;
  Status Get(const ReadOptions& options, std::string_view key, std::string* value) override;
  std::unique_ptr<Iterator> NewIterator(const ReadOptions& options) override;
  const Snapshot* GetSnapshot() override {
    MutexLock lock(&mu_);
    return new ToySnapshot(sequence_);
  }
  void ReleaseSnapshot(const Snapshot* snapshot) override {
    delete static_cast<const ToySnapshot*>(snapshot);
  }
  Status Flush() override {
    LSM_RETURN_IF_ERROR(SyncWal());
    MutexLock lock(&mu_);
    if (expires_) error_ = Expire();
    return error_;
  }
  Status SyncWal() override {
    MutexLock lock(&mu_);
    if (error_.ok()) error_ = SyncLog();
    return error_;
  }
  Status CompactRange(const CompactRangeOptions&, std::string_view, std::string_view) override {
    return Status::Ok();
  }
  Status ApproximateSizes(const SizeOptions& options, std::span<const Range> ranges,
                          std::vector<uint64_t>* bytes) override;
  Result<uint64_t> DeleteFilesInRange(std::string_view begin, std::string_view end) override;
  Status WaitForBackgroundWork() override { return error_; }
  Status Checkpoint(const std::string& path) override {
    LSM_RETURN_IF_ERROR(env_->CreateDir(path));
    LSM_RETURN_IF_ERROR(env_->SyncDir(ParentDirName(path)));
    MutexLock lock(&mu_);
    return WriteLog(path, 1).status();
  }
  Status Resume() override {
    MutexLock lock(&mu_);
    if (error_.ok()) return error_;
    if (flaw_ == Flaw::kResumeGoesOn) return error_ = Status::Ok();
    return error_ = Replace();
  }
  bool GetProperty(std::string_view name, std::string* value) override {
    if (name != "lsm.memory" || flaw_ != Flaw::kHoardMemory) return false;
    size_t bytes = 0;
    for (const auto& [key, versions] : table_) {
      for (const Version& version : versions) bytes += version.value.value_or("").size();
    }
    *value = std::to_string(bytes);
    return true;
  }
  Statistics GetStatistics() override { return {}; }
  Status CheckIntegrity(std::vector<std::string>* findings) override {
    if (flaw_ == Flaw::kBadStructure) findings->emplace_back("a finding");
    return Status::Ok();
  }
  Status Close() override {
    MutexLock lock(&mu_);
    if (error_.ok() && flaw_ != Flaw::kCloseUnsynced) error_ = log_->Sync();
    return error_.ok() ? log_->Close() : error_;
  }

 private:
  struct Replay;

  uint64_t Mark(uint64_t log_number) const { return flaw_ == Flaw::kTrustStale ? 0 : log_number; }
  bool IsWhole(uint32_t checksum, size_t bytes, std::string_view body, uint64_t log_number) const;
  Result<bool> ReplayLog(const std::string& name);
  void Apply(const WriteBatch& batch);
  Status AppendFrames(const WriteBatch& batch);
  Status SyncLog();
  Entries LiveEntries(uint64_t sequence) const;
  static const Version* VersionAt(const std::vector<Version>& versions, uint64_t sequence);
  uint64_t SequenceOf(const ReadOptions& options) const {
    const bool newest = options.snapshot == nullptr || flaw_ == Flaw::kMovingSnapshot;
    return newest ? sequence_ : options.snapshot->sequence();
  }
  Result<std::unique_ptr<WritableFile>> WriteLog(const std::string& dir, uint64_t number);
  Status Rewrite();
  Status Replace();
  Status Expire();
  void Emit(const Event& event) const {
    if (listener_ != nullptr) listener_->OnEvent(event);
  }

  Env* const env_;
  EventListener* const listener_;
  const bool expires_;
  const std::string path_;
  const Flaw flaw_;
  Mutex mu_;
  Table table_;
  uint64_t sequence_ = 0;
  uint64_t flushed_ = 0;  // what sequence_ was at the last Flush
  uint64_t number_ = 0;   // of the log
  std::unique_ptr<WritableFile> log_;
  Status error_;  // writes stop
  std::vector<std::unique_ptr<RandomAccessFile>> hoard_;
};

struct ToyDb::Replay final : WriteBatch::Handler {
  explicit Replay(ToyDb* toy) : db(toy) {}
  void Put(std::string_view key, std::string_view value) override {
    db->table_[std::string(key)].push_back({++db->sequence_, std::string(value)});
  }
  void Delete(std::string_view key) override {
    db->table_[std::string(key)].push_back({++db->sequence_, std::nullopt});
  }
  ToyDb* const db;
};

void ToyDb::Apply(const WriteBatch& batch) {
  Replay replay(this);
  batch.Iterate(&replay).IgnoreError();  // both callers have well-formed batches
}

// Is this `body`, of the `bytes` that its header announced, a record of the log?
bool ToyDb::IsWhole(uint32_t checksum, size_t bytes, std::string_view body,
                    uint64_t log_number) const {
  if (flaw_ == Flaw::kTrustHeader) return checksum != 0 && body.size() == bytes;
  return checksum == Checksum(body, Mark(log_number));
}

// False, with nothing replayed, for a log without its first record: it never took over.
Result<bool> ToyDb::ReplayLog(const std::string& name) {
  const uint64_t number = ParseFileName(name.substr(path_.size() + 1)).number;
  LSM_ASSIGN_OR_RETURN(const uint64_t size, env_->FileSize(name));
  LSM_ASSIGN_OR_RETURN(auto file, env_->OpenSequential(name));
  std::string bytes(size, '\0');
  const Result<size_t> n = file->Read(size, bytes.data());
  if (!n.ok() && flaw_ != Flaw::kSwallowReplay) return n.status();
  std::string_view rest(bytes.data(), n.ok() ? *n : 0);
  std::vector<WriteBatch> batches;
  while (rest.size() >= kHeaderBytes) {
    const size_t announced = DecodeFixed32(rest.data() + 4);
    const std::string_view body = rest.substr(kHeaderBytes, announced);
    WriteBatch batch;
    if (!IsWhole(DecodeFixed32(rest.data()), announced, body, number)) break;
    if (!WriteBatchRep::Parse(body, &batch).ok()) break;
    batches.push_back(batch);
    rest.remove_prefix(kHeaderBytes + body.size());
  }
  if (batches.empty()) return false;
  if (flaw_ == Flaw::kTornIsCorrupt && !rest.empty()) return Status::Corruption(name);
  const bool only_zeros = rest.find_first_not_of('\0') == rest.npos;
  if (flaw_ == Flaw::kZerosAreTorn && !only_zeros) return Status::Corruption(name);
  if (flaw_ == Flaw::kKeepHoles && batches.size() > 2) batches.erase(batches.end() - 2);
  if (flaw_ == Flaw::kDropOldest && batches.size() > 1) batches.erase(batches.begin());
  for (const WriteBatch& batch : batches) {
    Apply(batch);
    if (flaw_ != Flaw::kForgetSequence) {
      sequence_ = std::max(sequence_, WriteBatchRep::Sequence(batch));
    }
  }
  return true;
}

Status ToyDb::Recover() {
  LSM_RETURN_IF_ERROR(env_->CreateDir(path_));
  LSM_RETURN_IF_ERROR(env_->SyncDir(ParentDirName(path_)));
  LSM_ASSIGN_OR_RETURN(const auto names, env_->ListDir(path_));
  for (auto name = names.rbegin(); name != names.rend(); ++name) {  // the highest number first
    number_ = std::max(number_, ParseFileName(*name).number);
    LSM_ASSIGN_OR_RETURN(const bool replayed, ReplayLog(path_ + "/" + *name));
    if (replayed) break;
  }
  if (flaw_ == Flaw::kReuseNumber) number_ -= number_ > 0 ? 1 : 0;
  LSM_RETURN_IF_ERROR(Rewrite());
  if (flaw_ == Flaw::kHoardLogs) return Status::Ok();
  for (const std::string& name : names) {
    LSM_RETURN_IF_ERROR(env_->RemoveFile(path_ + "/" + name));
  }
  return Status::Ok();
}

// A log that holds the live entries, durable with its name; left open behind them.
Result<std::unique_ptr<WritableFile>> ToyDb::WriteLog(const std::string& dir, uint64_t number) {
  WriteBatch batch;
  if (flaw_ != Flaw::kLoseOnRewrite) {
    for (const auto& [key, value] : LiveEntries(sequence_)) batch.Put(key, value);
  }
  WriteBatchRep::SetSequence(&batch, sequence_);  // of what the entries stand for
  LSM_ASSIGN_OR_RETURN(auto file, env_->CreateWritable(WalFileName(dir, number), {}));
  LSM_RETURN_IF_ERROR(file->Append(Frame(batch, Mark(number))));
  LSM_RETURN_IF_ERROR(file->Sync());
  LSM_RETURN_IF_ERROR(env_->SyncDir(dir));
  return file;
}

Status ToyDb::Rewrite() {
  LSM_ASSIGN_OR_RETURN(log_, WriteLog(path_, number_ + 1));
  ++number_;
  return Status::Ok();
}

// By a new log, when the database is open.
Status ToyDb::Replace() {
  const std::string old = WalFileName(path_, number_);
  LSM_RETURN_IF_ERROR(Rewrite());
  return env_->RemoveFile(old);
}

Status ToyDb::Expire() {
  const uint64_t last = std::exchange(flushed_, sequence_);
  const uint64_t gone = flaw_ == Flaw::kExpireNewer ? sequence_ : last;
  if (last == 0 || table_.empty()) return Status::Ok();
  if (flaw_ != Flaw::kExpireUntold) {
    Emit(event::TableExpired{0, number_, last, table_.begin()->first, table_.rbegin()->first});
  }
  for (auto& [key, versions] : table_) {
    const auto newer = std::find_if(versions.begin(), versions.end(),
                                    [gone](const Version& v) { return v.sequence > gone; });
    const bool only_newest = flaw_ == Flaw::kExpireNewest && newer - versions.begin() > 1;
    versions.erase(only_newest ? newer - 1 : versions.begin(), newer);
  }
  return flaw_ == Flaw::kExpireAgain ? Status::Ok() : Replace();
}

// One batch an update.
std::vector<WriteBatch> Split(const WriteBatch& batch, bool forget_deletions) {
  struct Splitter final : WriteBatch::Handler {
    void Put(std::string_view key, std::string_view value) override {
      parts.emplace_back().Put(key, value);
    }
    void Delete(std::string_view key) override {
      if (!forget) parts.emplace_back().Delete(key);
    }
    bool forget = false;
    std::vector<WriteBatch> parts;
  };
  Splitter splitter;
  splitter.forget = forget_deletions;
  batch.Iterate(&splitter).IgnoreError();  // the caller's batch is well-formed
  return std::move(splitter.parts);
}

Status ToyDb::AppendFrames(const WriteBatch& batch) {
  const bool split = flaw_ == Flaw::kSplitBatch || flaw_ == Flaw::kForgetDelete;
  for (const WriteBatch& part :
       split ? Split(batch, flaw_ == Flaw::kForgetDelete) : std::vector<WriteBatch>{batch}) {
    LSM_RETURN_IF_ERROR(log_->Append(Frame(part, Mark(number_))));
    LSM_RETURN_IF_ERROR(log_->Flush());
  }
  return Status::Ok();
}

Status ToyDb::SyncLog() {
  if (flaw_ == Flaw::kSkipSync) return Status::Ok();
  const Status synced = log_->Sync();
  return flaw_ == Flaw::kSwallowSyncs ? Status::Ok() : synced;
}

Status ToyDb::Write(const WriteOptions& options, const WriteBatch& batch) {
  MutexLock lock(&mu_);
  if (flaw_ == Flaw::kGoOnAfterError) error_ = Status::Ok();
  LSM_RETURN_IF_ERROR(error_);
  error_ = AppendFrames(batch);
  if (error_.ok() && options.sync) error_ = SyncLog();
  if (flaw_ == Flaw::kSwallowErrors) error_ = Status::Ok();
  if (!error_.ok()) return error_;
  const uint64_t first = sequence_ + 1;
  for (const WriteBatch& part :
       flaw_ == Flaw::kOpenBatch ? Split(batch, false) : std::vector<WriteBatch>{batch}) {
    Apply(part);
    if (flaw_ == Flaw::kOpenBatch) MutexUnlock let_others(&mu_);
  }
  Emit(event::Write{first, batch.Count(), 1, 0, options.sync});
  return Status::Ok();
}

const Version* ToyDb::VersionAt(const std::vector<Version>& versions, uint64_t sequence) {
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->sequence <= sequence) return &*it;
  }
  return nullptr;
}

Status ToyDb::Get(const ReadOptions& options, std::string_view key, std::string* value) {
  MutexLock lock(&mu_);
  if (flaw_ == Flaw::kFailingGet) return Status::IOError("for no reason");
  if (flaw_ == Flaw::kSwallowReads &&
      !env_->OpenRandomAccess(WalFileName(path_, number_), IoMode::kPlain).ok()) {
    return Status::NotFound("");
  }
  if (flaw_ == Flaw::kHoardFiles) {
    auto file = env_->OpenRandomAccess(WalFileName(path_, number_), IoMode::kPlain);
    if (file.ok()) hoard_.push_back(std::move(*file));
  }
  const auto it = table_.find(key);
  const Version* version = nullptr;
  if (it != table_.end()) {
    version =
        flaw_ == Flaw::kStaleGet ? &it->second.front() : VersionAt(it->second, SequenceOf(options));
  }
  if (version == nullptr || !version->value.has_value()) return Status::NotFound("");
  *value = *version->value;
  return Status::Ok();
}

Entries ToyDb::LiveEntries(uint64_t sequence) const {
  Entries entries;
  for (const auto& [key, versions] : table_) {
    const Version* version = VersionAt(versions, sequence);
    if (version != nullptr && version->value.has_value())
      entries.emplace_back(key, *version->value);
  }
  return entries;
}

std::unique_ptr<Iterator> ToyDb::NewIterator(const ReadOptions& options) {
  MutexLock lock(&mu_);
  Entries entries;
  const bool loose = flaw_ == Flaw::kLoosePrefix && options.prefix.data() != nullptr;
  const ReadBounds bounds(options);
  for (auto& entry : LiveEntries(SequenceOf(options))) {
    if (bounds.lower.has_value() && entry.first < *bounds.lower) continue;
    if (bounds.upper.has_value() && entry.first >= *bounds.upper && !loose) continue;
    entries.push_back(std::move(entry));
  }
  return std::make_unique<EntriesIterator>(std::move(entries), flaw_ == Flaw::kLazyLast);
}

// Exact: keys and values, wherever they are.
Status ToyDb::ApproximateSizes(const SizeOptions&, std::span<const Range> ranges,
                               std::vector<uint64_t>* bytes) {
  MutexLock lock(&mu_);
  bytes->assign(ranges.size(), 0);
  for (size_t i = 0; i < ranges.size(); ++i) {
    for (const auto& [key, value] : LiveEntries(sequence_)) {
      if (ranges[i].begin.data() != nullptr && key < ranges[i].begin) continue;
      if (ranges[i].end.data() != nullptr && key >= ranges[i].end) continue;
      (*bytes)[i] += key.size() + value.size();
    }
    if (flaw_ == Flaw::kBadSizes && i > 0) (*bytes)[i] += 1;
  }
  return Status::Ok();
}

// Every key lies in a table of its own.
Result<uint64_t> ToyDb::DeleteFilesInRange(std::string_view begin, std::string_view end) {
  WriteBatch batch;
  {
    MutexLock lock(&mu_);
    for (const auto& [key, value] : LiveEntries(sequence_)) {
      const bool behind = end.data() != nullptr && key > end && flaw_ != Flaw::kDeleteBeyond;
      if (behind || (begin.data() != nullptr && key < begin)) continue;
      const std::optional<std::string>& first = table_.find(key)->second.front().value;
      if (flaw_ == Flaw::kShowOlder && first.has_value()) {
        batch.Put(key, *first);
      } else {
        batch.Delete(key);
      }
    }
  }
  LSM_RETURN_IF_ERROR(Write({.sync = true}, batch));
  return uint64_t{batch.Count()};
}

}  // namespace

Result<std::unique_ptr<DB>> OpenToyDb(const Options& options, const std::string& path, Flaw flaw) {
  auto db = std::make_unique<ToyDb>(options, path, flaw);
  LSM_RETURN_IF_ERROR(db->Recover());
  return Result<std::unique_ptr<DB>>(std::move(db));
}

}  // namespace lsm::lab
