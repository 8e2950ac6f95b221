// What the adapters of LevelDB and RocksDB share: the two libraries have the same verbs, in their
// own types.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

// An end of a range, as the libraries take it: null is unbounded.
template <class Slice>
std::optional<Slice> RangeEnd(const std::optional<std::string>& key) {
  if (!key.has_value()) return std::nullopt;
  return Slice(key->data(), key->size());
}

}  // namespace lsm::lab
