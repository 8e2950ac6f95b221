// The engine of this project.
#include "lsm/db.h"
#include "workloads/store.h"

namespace lsm::bench {
namespace {

class NoLog final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

class DbCursor final : public lab::Cursor {
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

class Lsmlab final : public Store {
 public:
  explicit Lsmlab(std::unique_ptr<DB> db) : db_(std::move(db)) {}

  Status Put(std::string_view key, std::string_view value, bool sync) override {
    return db_->Put({sync}, key, value);
  }
  Status Delete(std::string_view key) override { return db_->Delete({}, key); }
  Status Write(const Batch& puts) override {
    WriteBatch batch;
    for (const auto& [key, value] : puts) batch.Put(key, value);
    return db_->Write({}, batch);
  }
  Result<bool> Get(std::string_view key, std::string* value) override {
    const Status status = db_->Get({}, key, value);
    if (status.ok() || status.IsNotFound()) return status.ok();
    return status;
  }
  std::unique_ptr<lab::Cursor> NewCursor() override {
    return std::make_unique<DbCursor>(db_->NewIterator({}));
  }

  Status Drain() override {
    LSM_RETURN_IF_ERROR(db_->Flush());
    return db_->WaitForBackgroundWork();
  }
  std::vector<LevelShape> Shape() override {
    std::vector<LevelShape> shape;
    const Statistics statistics = db_->GetStatistics();
    for (int i = 0; i < kMaxLevels; ++i) {
      const LevelStatistics& level = statistics.level[static_cast<size_t>(i)];
      if (level.files > 0) shape.push_back({i, level.files, level.bytes});
    }
    return shape;
  }
  Status Close() override { return db_->Close(); }

 private:
  const std::unique_ptr<DB> db_;
};

Result<std::unique_ptr<Store>> Open(const StoreOptions& how, const std::string& dir) {
  static NoLog no_log;
  Options options = how.defaults ? Options() : how.knobs;
  options.create_if_missing = true;
  options.info_log = &no_log;
  LSM_ASSIGN_OR_RETURN(auto db, DB::Open(options, dir));
  return std::unique_ptr<Store>(std::make_unique<Lsmlab>(std::move(db)));
}

}  // namespace

StoreInfo LsmlabStore() {
  StoreInfo info;
  info.name = info.version = "lsmlab";
  info.open = Open;
  return info;
}

}  // namespace lsm::bench
