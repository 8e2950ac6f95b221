// What the adapters of LevelDB and RocksDB share: the two libraries have the same verbs, in their
// own types.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "foreign/engine.h"

namespace lsm::lab {

// Fills a library's batch from ours.
template <class Batch, class Slice>
class BatchCopy final : public WriteBatch::Handler {
 public:
  explicit BatchCopy(Batch* to) : to_(to) {}
  void Put(std::string_view key, std::string_view value) override {
    to_->Put(Slice(key.data(), key.size()), Slice(value.data(), value.size()));
  }
  void Delete(std::string_view key) override { to_->Delete(Slice(key.data(), key.size())); }

 private:
  Batch* const to_;
};

template <class LibraryStatus>
Status FromLibrary(const LibraryStatus& status) {
  if (status.ok()) return Status::Ok();
  if (status.IsNotFound()) return Status::NotFound(status.ToString());
  if (status.IsCorruption()) return Status::Corruption(status.ToString());
  if (status.IsInvalidArgument()) return Status::InvalidArgument(status.ToString());
  return Status::IOError(status.ToString());
}

template <class Iterator, class Slice>
class LibraryCursor final : public Cursor {
 public:
  explicit LibraryCursor(Iterator* iterator) : iterator_(iterator) {}

  bool Valid() const override { return iterator_->Valid(); }
  void SeekToFirst() override { iterator_->SeekToFirst(); }
  void SeekToLast() override { iterator_->SeekToLast(); }
  void Seek(std::string_view target) override {
    iterator_->Seek(Slice(target.data(), target.size()));
  }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  std::string_view key() const override { return View(iterator_->key()); }
  std::string_view value() const override { return View(iterator_->value()); }
  Status status() const override { return FromLibrary(iterator_->status()); }

 private:
  static std::string_view View(const Slice& slice) { return {slice.data(), slice.size()}; }

  const std::unique_ptr<Iterator> iterator_;
};

// An open database of such a library, without what differs: opening, flushes, compactions. `Types`
// names the library's own: Db, Iterator, ReadOptions, Slice, Snapshot, WriteBatch, WriteOptions.
template <class Types>
class LibraryEngine : public Engine {
 public:
  Status Write(const WriteBatch& batch, bool sync) final {
    typename Types::WriteBatch copy;
    BatchCopy<typename Types::WriteBatch, Slice> handler(&copy);
    LSM_RETURN_IF_ERROR(batch.Iterate(&handler));
    typename Types::WriteOptions options;
    options.sync = sync;
    return FromLibrary(db_->Write(options, &copy));
  }
  Status Get(std::string_view key, State at, std::string* value) final {
    return FromLibrary(db_->Get(ReadAt(at), Slice(key.data(), key.size()), value));
  }
  std::unique_ptr<Cursor> NewCursor(State at) final {
    using Iterator = typename Types::Iterator;
    return std::make_unique<LibraryCursor<Iterator, Slice>>(db_->NewIterator(ReadAt(at)));
  }
  State TakeSnapshot() final { return db_->GetSnapshot(); }
  void ReleaseSnapshot(State snapshot) final {
    db_->ReleaseSnapshot(static_cast<const typename Types::Snapshot*>(snapshot));
  }
  Status Compact(const KeyRange& range) final {
    const auto begin = End(range.from), end = End(range.to);
    return CompactBetween(begin.has_value() ? &*begin : nullptr, end.has_value() ? &*end : nullptr);
  }

 protected:
  using Slice = typename Types::Slice;

  // Null is unbounded.
  virtual Status CompactBetween(const Slice* begin, const Slice* end) = 0;

  std::unique_ptr<typename Types::Db> db_;

 private:
  static typename Types::ReadOptions ReadAt(State at) {
    typename Types::ReadOptions options;
    options.verify_checksums = true;
    options.snapshot = static_cast<const typename Types::Snapshot*>(at);
    return options;
  }
  static std::optional<Slice> End(const std::optional<std::string>& key) {
    if (!key.has_value()) return std::nullopt;
    return Slice(key->data(), key->size());
  }
};

// EngineInfo::open of a LibraryEngine that has a member Open.
template <class Opened>
Result<std::unique_ptr<Engine>> OpenLibrary(const Options& knobs, const std::string& dir) {
  auto db = std::make_unique<Opened>();
  LSM_RETURN_IF_ERROR(db->Open(knobs, dir));
  return std::unique_ptr<Engine>(std::move(db));
}

}  // namespace lsm::lab
