// LevelDB by its public API, as Debian's package builds it.
#include <fmt/format.h>
#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include "foreign/engines.h"
#include "foreign/library_engine.h"
#include "foreign/library_options.h"

namespace lsm::lab {
namespace {

// LevelDB raises smaller write buffers to this, silently.
constexpr size_t kLeastMemtableBytes = size_t{64} << 10;

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
    leveldb::Options options = LevelDbOptions(knobs);
    filter_.reset(options.filter_policy);
    cache_.reset(options.block_cache);
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
