// The knobs of LevelDB that match those of this project's engine.
#include <leveldb/cache.h>
#include <leveldb/env.h>
#include <leveldb/filter_policy.h>
#include <leveldb/options.h>

#include "foreign/library_options.h"

namespace lsm::lab {
namespace {

// There is no file LOG: what it says no check looks at.
class NoLog final : public leveldb::Logger {
 public:
  void Logv(const char*, va_list) override {}
};

}  // namespace

leveldb::Options LevelDbOptions(const Options& knobs) {
  static NoLog no_log;
  leveldb::Options options;
  options.create_if_missing = true;
  options.info_log = &no_log;
  if (knobs.bits_per_key > 0) {
    options.filter_policy = leveldb::NewBloomFilterPolicy(static_cast<int>(knobs.bits_per_key));
  }
  options.block_cache = leveldb::NewLRUCache(knobs.block_cache_bytes);
  options.write_buffer_size = knobs.memtable_bytes;
  options.max_open_files = knobs.max_open_files;
  options.block_size = knobs.block_bytes;
  options.block_restart_interval = knobs.block_restart_interval;
  options.max_file_size = knobs.max_file_bytes;
  options.compression = knobs.compression == Compression::kSnappy ? leveldb::kSnappyCompression
                                                                  : leveldb::kNoCompression;
  return options;
}

}  // namespace lsm::lab
