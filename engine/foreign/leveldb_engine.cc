// LevelDB by its public API, as Debian's package builds it.
#include <fmt/format.h>
#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include "foreign/engines.h"
#include "foreign/library_engine.h"

namespace lsm::lab {
namespace {

// LevelDB raises smaller write buffers to this, silently.
constexpr size_t kLeastMemtableBytes = size_t{64} << 10;

// There is no file LOG: what it says no check looks at.
class NoLog final : public leveldb::Logger {
 public:
  void Logv(const char*, va_list) override {}
};

class LevelDb final : public Engine {
 public:
  Status Open(const Options& knobs, const std::string& dir) {
    if (knobs.bits_per_key > 0) {
      filter_.reset(leveldb::NewBloomFilterPolicy(static_cast<int>(knobs.bits_per_key)));
    }
    cache_.reset(leveldb::NewLRUCache(knobs.block_cache_bytes));
    leveldb::Options options;
    options.create_if_missing = true;
    options.info_log = &no_log_;
    options.filter_policy = filter_.get();
    options.block_cache = cache_.get();
    options.write_buffer_size = knobs.memtable_bytes;
    options.max_open_files = knobs.max_open_files;
    options.block_size = knobs.block_bytes;
    options.block_restart_interval = knobs.block_restart_interval;
    options.max_file_size = knobs.max_file_bytes;
    options.compression = knobs.compression == Compression::kSnappy ? leveldb::kSnappyCompression
                                                                    : leveldb::kNoCompression;
    leveldb::DB* db = nullptr;
    const leveldb::Status status = leveldb::DB::Open(options, dir, &db);
    db_.reset(db);
    return FromLibrary(status);
  }

  Status Write(const WriteBatch& batch, bool sync) override {
    leveldb::WriteBatch copy;
    BatchCopy<leveldb::WriteBatch, leveldb::Slice> handler(&copy);
    LSM_RETURN_IF_ERROR(batch.Iterate(&handler));
    leveldb::WriteOptions options;
    options.sync = sync;
    return FromLibrary(db_->Write(options, &copy));
  }
  Status Get(std::string_view key, State at, std::string* value) override {
    return FromLibrary(db_->Get(ReadAt(at), leveldb::Slice(key.data(), key.size()), value));
  }
  std::unique_ptr<Cursor> NewCursor(State at) override {
    using LevelDbCursor = LibraryCursor<leveldb::Iterator, leveldb::Slice>;
    return std::make_unique<LevelDbCursor>(db_->NewIterator(ReadAt(at)));
  }
  State TakeSnapshot() override { return db_->GetSnapshot(); }
  void ReleaseSnapshot(State snapshot) override {
    db_->ReleaseSnapshot(static_cast<const leveldb::Snapshot*>(snapshot));
  }
  // There is no flush alone.
  Status Compact(const KeyRange& range) override {
    const auto begin = RangeEnd<leveldb::Slice>(range.from);
    const auto end = RangeEnd<leveldb::Slice>(range.to);
    db_->CompactRange(begin.has_value() ? &*begin : nullptr, end.has_value() ? &*end : nullptr);
    return Status::Ok();
  }

 private:
  static leveldb::ReadOptions ReadAt(State at) {
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    options.snapshot = static_cast<const leveldb::Snapshot*>(at);
    return options;
  }

  NoLog no_log_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<leveldb::DB> db_;  // goes first: it uses the others
};

Result<std::unique_ptr<Engine>> Open(const Options& knobs, const std::string& dir) {
  auto db = std::make_unique<LevelDb>();
  LSM_RETURN_IF_ERROR(db->Open(knobs, dir));
  return std::unique_ptr<Engine>(std::move(db));
}

}  // namespace

EngineInfo LevelDbEngine() {
  EngineInfo info;
  info.name = "leveldb";
  info.version = fmt::format("LevelDB {}.{}", leveldb::kMajorVersion, leveldb::kMinorVersion);
  info.open = Open;
  info.can_flush = false;
  info.least_memtable_bytes = kLeastMemtableBytes;
  return info;
}

}  // namespace lsm::lab
