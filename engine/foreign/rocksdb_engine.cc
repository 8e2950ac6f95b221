// RocksDB by its public API, as Debian's package builds it.
#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>
#include <rocksdb/write_batch.h>

#include "foreign/engines.h"
#include "foreign/library_engine.h"

namespace lsm::lab {
namespace {

// RocksDB raises smaller write buffers to this, silently.
constexpr size_t kLeastMemtableBytes = size_t{64} << 10;

// There is no file LOG: what it says no check looks at.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::BlockBasedTableOptions TableOptions(const Options& knobs) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = knobs.block_bytes;
  table.block_restart_interval = knobs.block_restart_interval;
  table.no_block_cache = knobs.block_cache_bytes == 0;
  if (!table.no_block_cache) table.block_cache = rocksdb::NewLRUCache(knobs.block_cache_bytes, 0);
  if (knobs.bits_per_key > 0) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(knobs.bits_per_key));
  }
  return table;
}

rocksdb::Options MakeOptions(const Options& knobs) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.info_log = std::make_shared<NoLog>();
  options.write_buffer_size = knobs.memtable_bytes;
  options.max_write_buffer_number = knobs.max_immutable_memtables + 1;
  options.max_open_files = knobs.max_open_files;
  options.max_file_opening_threads = 1;
  options.max_background_jobs = 2;
  options.target_file_size_base = knobs.max_file_bytes;
  options.max_bytes_for_level_base = knobs.level1_bytes;
  options.max_bytes_for_level_multiplier = knobs.size_ratio;
  options.level0_file_num_compaction_trigger = knobs.l0_compaction_trigger;
  options.level0_slowdown_writes_trigger = knobs.l0_slowdown_trigger;
  options.level0_stop_writes_trigger = knobs.l0_stop_trigger;
  options.max_total_wal_size = knobs.max_wal_bytes;
  options.allow_mmap_reads = knobs.read_io == IoMode::kMapped;
  options.compression = knobs.compression == Compression::kSnappy ? rocksdb::kSnappyCompression
                                                                  : rocksdb::kNoCompression;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(knobs)));
  return options;
}

class RocksDb final : public Engine {
 public:
  explicit RocksDb(rocksdb::DB* db) : db_(db) {}

  Status Write(const WriteBatch& batch, bool sync) override {
    rocksdb::WriteBatch copy;
    BatchCopy<rocksdb::WriteBatch, rocksdb::Slice> handler(&copy);
    LSM_RETURN_IF_ERROR(batch.Iterate(&handler));
    rocksdb::WriteOptions options;
    options.sync = sync;
    return FromLibrary(db_->Write(options, &copy));
  }
  Status Get(std::string_view key, State at, std::string* value) override {
    return FromLibrary(db_->Get(ReadAt(at), rocksdb::Slice(key.data(), key.size()), value));
  }
  std::unique_ptr<Cursor> NewCursor(State at) override {
    using RocksDbCursor = LibraryCursor<rocksdb::Iterator, rocksdb::Slice>;
    return std::make_unique<RocksDbCursor>(db_->NewIterator(ReadAt(at)));
  }
  State TakeSnapshot() override { return db_->GetSnapshot(); }
  void ReleaseSnapshot(State snapshot) override {
    db_->ReleaseSnapshot(static_cast<const rocksdb::Snapshot*>(snapshot));
  }
  Status Flush() override { return FromLibrary(db_->Flush(rocksdb::FlushOptions())); }
  Status Compact(const KeyRange& range) override {
    const auto begin = RangeEnd<rocksdb::Slice>(range.from);
    const auto end = RangeEnd<rocksdb::Slice>(range.to);
    return FromLibrary(db_->CompactRange(rocksdb::CompactRangeOptions(),
                                         begin.has_value() ? &*begin : nullptr,
                                         end.has_value() ? &*end : nullptr));
  }
  Status Close() override { return FromLibrary(db_->Close()); }

 private:
  static rocksdb::ReadOptions ReadAt(State at) {
    rocksdb::ReadOptions options;
    options.snapshot = static_cast<const rocksdb::Snapshot*>(at);
    return options;
  }

  const std::unique_ptr<rocksdb::DB> db_;
};

Result<std::unique_ptr<Engine>> Open(const Options& knobs, const std::string& dir) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(MakeOptions(knobs), dir, &db);
  if (!status.ok()) return FromLibrary(status);
  return std::unique_ptr<Engine>(std::make_unique<RocksDb>(db));
}

}  // namespace

EngineInfo RocksDbEngine() {
  EngineInfo info;
  info.name = "rocksdb";
  info.version = fmt::format("RocksDB {}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH);
  info.open = Open;
  info.least_memtable_bytes = kLeastMemtableBytes;
  return info;
}

}  // namespace lsm::lab
