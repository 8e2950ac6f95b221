// RocksDB by its public API, as Debian's package builds it.
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/version.h>
#include <rocksdb/write_batch.h>

#include "foreign/engines.h"
#include "foreign/library_engine.h"
#include "foreign/library_options.h"

namespace lsm::lab {
namespace {

// RocksDB raises smaller write buffers to this, silently.
constexpr size_t kLeastMemtableBytes = size_t{64} << 10;

struct RocksDbTypes {
  using Db = rocksdb::DB;
  using Iterator = rocksdb::Iterator;
  using ReadOptions = rocksdb::ReadOptions;
  using Slice = rocksdb::Slice;
  using Snapshot = rocksdb::Snapshot;
  using WriteBatch = rocksdb::WriteBatch;
  using WriteOptions = rocksdb::WriteOptions;
};

class RocksDb final : public LibraryEngine<RocksDbTypes> {
 public:
  Status Open(const Options& knobs, const std::string& dir) {
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(RocksDbOptions(knobs), dir, &db);
    db_.reset(db);
    return FromLibrary(status);
  }
  Status Flush() override { return FromLibrary(db_->Flush(rocksdb::FlushOptions())); }
  Status Close() override { return FromLibrary(db_->Close()); }

 private:
  Status CompactBetween(const rocksdb::Slice* begin, const rocksdb::Slice* end) override {
    return FromLibrary(db_->CompactRange(rocksdb::CompactRangeOptions(), begin, end));
  }
};

}  // namespace

EngineInfo RocksDbEngine() {
  EngineInfo info;
  info.name = "rocksdb";
  info.version = fmt::format("RocksDB {}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH);
  info.open = OpenLibrary<RocksDb>;
  info.least_memtable_bytes = kLeastMemtableBytes;
  return info;
}

}  // namespace lsm::lab
