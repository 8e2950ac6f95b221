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

struct LevelDbTypes {
  using Db = leveldb::DB;
  using Iterator = leveldb::Iterator;
  using ReadOptions = leveldb::ReadOptions;
  using Slice = leveldb::Slice;
  using Snapshot = leveldb::Snapshot;
  using WriteBatch = leveldb::WriteBatch;
  using WriteOptions = leveldb::WriteOptions;
};

// There is no flush alone.
class LevelDb final : public LibraryEngine<LevelDbTypes> {
 public:
  ~LevelDb() override { db_.reset(); }  // it uses the others

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

 private:
  Status CompactBetween(const leveldb::Slice* begin, const leveldb::Slice* end) override {
    db_->CompactRange(begin, end);
    return Status::Ok();
  }

  NoLog no_log_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::Cache> cache_;
};

}  // namespace

EngineInfo LevelDbEngine() {
  EngineInfo info;
  info.name = "leveldb";
  info.version = fmt::format("LevelDB {}.{}", leveldb::kMajorVersion, leveldb::kMinorVersion);
  info.open = OpenLibrary<LevelDb>;
  info.can_flush = false;
  info.least_memtable_bytes = kLeastMemtableBytes;
  return info;
}

}  // namespace lsm::lab
