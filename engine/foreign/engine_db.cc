#include "foreign/engine_db.h"

#include <optional>
#include <utility>

#include "base/read_bounds.h"
#include "testing/plain_db.h"

namespace lsm::lab {
namespace {

class EngineSnapshot final : public Snapshot {
 public:
  explicit EngineSnapshot(Engine::State state) : state_(state) {}
  ~EngineSnapshot() override = default;
  uint64_t sequence() const override { return 0; }  // the engine's own affair
  Engine::State state() const { return state_; }

 private:
  const Engine::State state_;
};

std::optional<std::string> Copy(std::string_view bound) {
  if (bound.data() == nullptr) return std::nullopt;
  return std::string(bound);
}

// Keys in [from, to) of a cursor that knows no bounds.
class BoundedIterator final : public Iterator {
 public:
  BoundedIterator(std::unique_ptr<Cursor> cursor, KeyRange range)
      : cursor_(std::move(cursor)), range_(std::move(range)) {}

  bool Valid() const override { return cursor_->Valid() && range_.Contains(cursor_->key()); }
  void SeekToFirst() override {
    range_.from.has_value() ? cursor_->Seek(*range_.from) : cursor_->SeekToFirst();
  }
  void SeekToLast() override { range_.to.has_value() ? SeekBelow(*range_.to) : LastOfAll(); }
  void Seek(std::string_view target) override {
    const bool below = range_.from.has_value() && target < *range_.from;
    cursor_->Seek(below ? std::string_view(*range_.from) : target);
  }
  void SeekForPrev(std::string_view target) override {
    if (range_.to.has_value() && target >= *range_.to) return SeekToLast();
    cursor_->Seek(target);
    if (cursor_->Valid() && cursor_->key() == target) return;
    StepBack();
  }
  void Next() override { cursor_->Next(); }
  void Prev() override { cursor_->Prev(); }
  std::string_view key() const override { return cursor_->key(); }
  std::string_view value() const override { return cursor_->value(); }
  Status status() const override { return cursor_->status(); }

 private:
  void LastOfAll() { cursor_->SeekToLast(); }
  void SeekBelow(std::string_view key) {
    cursor_->Seek(key);
    StepBack();
  }
  // From the first key behind a place to the last one before it.
  void StepBack() {
    if (!cursor_->status().ok()) return;
    cursor_->Valid() ? cursor_->Prev() : cursor_->SeekToLast();
  }

  const std::unique_ptr<Cursor> cursor_;
  const KeyRange range_;
};

class EngineDb final : public PlainDb {
 public:
  EngineDb(std::unique_ptr<Engine> engine, bool every_write)
      : engine_(std::move(engine)), every_write_(every_write) {}

  Status Write(const WriteOptions& options, const WriteBatch& batch) override {
    return engine_->Write(batch, options.sync || every_write_);
  }
  Status Get(const ReadOptions& options, std::string_view key, std::string* value) override {
    return engine_->Get(key, StateOf(options), value);
  }
  std::unique_ptr<Iterator> NewIterator(const ReadOptions& options) override {
    ReadBounds bounds(options);
    return std::make_unique<BoundedIterator>(
        engine_->NewCursor(StateOf(options)),
        KeyRange{std::move(bounds.lower), std::move(bounds.upper)});
  }
  const Snapshot* GetSnapshot() override { return new EngineSnapshot(engine_->TakeSnapshot()); }
  void ReleaseSnapshot(const Snapshot* snapshot) override {
    const auto* taken = static_cast<const EngineSnapshot*>(snapshot);
    engine_->ReleaseSnapshot(taken->state());
    delete taken;
  }
  Status Flush() override { return engine_->Flush(); }
  Status SyncWal() override { return Status::NotSupported("sync of the log alone"); }
  Status CompactRange(const CompactRangeOptions& options, std::string_view begin,
                      std::string_view end) override {
    if (options.level >= 0) return Status::NotSupported("compaction of one level");
    return engine_->Compact({Copy(begin), Copy(end)});
  }
  Status WaitForBackgroundWork() override { return Status::Ok(); }
  Status Checkpoint(const std::string&) override { return Status::NotSupported("checkpoint"); }
  Status Resume() override { return Status::Ok(); }
  bool GetProperty(std::string_view, std::string*) override { return false; }
  Statistics GetStatistics() override { return {}; }
  Status CheckIntegrity(std::vector<std::string>*) override { return Status::Ok(); }
  Status Close() override { return engine_->Close(); }

 private:
  static Engine::State StateOf(const ReadOptions& options) {
    if (options.snapshot == nullptr) return nullptr;
    return static_cast<const EngineSnapshot*>(options.snapshot)->state();
  }

  const std::unique_ptr<Engine> engine_;
  const bool every_write_;
};

}  // namespace

std::unique_ptr<DB> NewEngineDb(std::unique_ptr<Engine> engine, bool every_write) {
  return std::make_unique<EngineDb>(std::move(engine), every_write);
}

}  // namespace lsm::lab
