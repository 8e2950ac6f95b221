// The knobs of RocksDB that match those of this project's engine.
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include "foreign/library_options.h"

namespace lsm::lab {
namespace {

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

}  // namespace

rocksdb::Options RocksDbOptions(const Options& knobs) {
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

}  // namespace lsm::lab
