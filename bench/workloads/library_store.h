// What the stores of LevelDB and RocksDB share: the two libraries have the same verbs, in their own
// types.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "foreign/library_engine.h"
#include "workloads/store.h"

namespace lsm::bench {

// `Types` names the library's own: Db, Iterator, ReadOptions, Slice, WriteBatch, WriteOptions.
template <class Types>
class LibraryStore : public Store {
 public:
  Status Put(std::string_view key, std::string_view value, bool sync) final {
    typename Types::WriteOptions options;
    options.sync = sync;
    return lab::FromLibrary(db_->Put(options, ToSlice(key), ToSlice(value)));
  }
  Status Delete(std::string_view key) final {
    return lab::FromLibrary(db_->Delete(typename Types::WriteOptions(), ToSlice(key)));
  }
  Status Write(const Batch& puts) final {
    typename Types::WriteBatch batch;
    for (const auto& [key, value] : puts) batch.Put(ToSlice(key), ToSlice(value));
    return lab::FromLibrary(db_->Write(typename Types::WriteOptions(), &batch));
  }
  Result<bool> Get(std::string_view key, std::string* value) final {
    const auto status = db_->Get(read_options_, ToSlice(key), value);
    if (status.ok() || status.IsNotFound()) return status.ok();
    return lab::FromLibrary(status);
  }
  std::unique_ptr<lab::Cursor> NewCursor() final {
    return std::make_unique<lab::LibraryCursor<typename Types::Iterator, Slice>>(
        db_->NewIterator(read_options_));
  }

 protected:
  using Slice = typename Types::Slice;

  static Slice ToSlice(std::string_view bytes) { return Slice(bytes.data(), bytes.size()); }

  std::unique_ptr<typename Types::Db> db_;
  typename Types::ReadOptions read_options_;
};

// StoreInfo::open of a LibraryStore that has a member Open.
template <class Opened>
Result<std::unique_ptr<Store>> OpenLibraryStore(const StoreOptions& options,
                                                const std::string& dir) {
  auto store = std::make_unique<Opened>();
  LSM_RETURN_IF_ERROR(store->Open(options, dir));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace lsm::bench
