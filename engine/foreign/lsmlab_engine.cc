// The engine of this project, like any other: what the harness finds in the simulated world must
// hold for the system calls that it really makes.
#include "foreign/engines.h"
#include "lsm/db.h"

namespace lsm::lab {
namespace {

class NoLog final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

class DbCursor final : public Cursor {
 public:
  explicit DbCursor(std::unique_ptr<Iterator> iterator) : iterator_(std::move(iterator)) {}

  bool Valid() const override { return iterator_->Valid(); }
  void SeekToFirst() override { iterator_->SeekToFirst(); }
  void SeekToLast() override { iterator_->SeekToLast(); }
  void Seek(std::string_view target) override { iterator_->Seek(target); }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  std::string_view key() const override { return iterator_->key(); }
  std::string_view value() const override { return iterator_->value(); }
  Status status() const override { return iterator_->status(); }

 private:
  const std::unique_ptr<Iterator> iterator_;
};

class Lsmlab final : public Engine {
 public:
  explicit Lsmlab(std::unique_ptr<DB> db) : db_(std::move(db)) {}

  Status Write(const WriteBatch& batch, bool sync) override { return db_->Write({sync}, batch); }
  Status Get(std::string_view key, State at, std::string* value) override {
    return db_->Get(ReadAt(at), key, value);
  }
  std::unique_ptr<Cursor> NewCursor(State at) override {
    return std::make_unique<DbCursor>(db_->NewIterator(ReadAt(at)));
  }
  State TakeSnapshot() override { return db_->GetSnapshot(); }
  void ReleaseSnapshot(State snapshot) override {
    db_->ReleaseSnapshot(static_cast<const Snapshot*>(snapshot));
  }
  Status Flush() override { return db_->Flush(); }
  Status Compact(const KeyRange& range) override {
    const auto end = [](const std::optional<std::string>& key) {
      return key.has_value() ? std::string_view(*key) : std::string_view();
    };
    return db_->CompactRange({}, end(range.from), end(range.to));
  }
  Status Close() override { return db_->Close(); }

 private:
  static ReadOptions ReadAt(State at) {
    ReadOptions options;
    options.snapshot = static_cast<const Snapshot*>(at);
    return options;
  }

  const std::unique_ptr<DB> db_;
};

Result<std::unique_ptr<Engine>> Open(const Options& knobs, const std::string& dir) {
  static NoLog no_log;
  Options options = knobs;
  options.env = Env::Default();  // a trace's is the simulated one
  options.create_if_missing = true;
  options.info_log = &no_log;
  options.listener = nullptr;
  options.wal_io = options.read_io = IoMode::kPlain;  // writes through a mapping are not recorded
  LSM_ASSIGN_OR_RETURN(auto db, DB::Open(options, dir));
  return std::unique_ptr<Engine>(std::make_unique<Lsmlab>(std::move(db)));
}

}  // namespace

EngineInfo LsmlabEngine() {
  EngineInfo info;
  info.name = "lsmlab";
  info.version = "lsmlab";
  info.open = Open;
  return info;
}

}  // namespace lsm::lab
