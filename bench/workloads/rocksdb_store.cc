// RocksDB by its public API.
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/version.h>
#include <rocksdb/write_batch.h>

#include <map>

#include "foreign/library_options.h"
#include "lsm/env.h"
#include "workloads/library_store.h"

namespace lsm::bench {
namespace {

struct RocksDbTypes {
  using Db = rocksdb::DB;
  using Iterator = rocksdb::Iterator;
  using ReadOptions = rocksdb::ReadOptions;
  using Slice = rocksdb::Slice;
  using WriteBatch = rocksdb::WriteBatch;
  using WriteOptions = rocksdb::WriteOptions;
};

class RocksDb final : public LibraryStore<RocksDbTypes> {
 public:
  Status Open(const StoreOptions& how, const std::string& dir) {
    rocksdb::Options options = lab::RocksDbOptions(how.knobs);
    if (how.defaults) {
      rocksdb::Options theirs;
      theirs.info_log = options.info_log;
      theirs.create_if_missing = true;
      options = theirs;
    } else {
      read_options_.verify_checksums = how.knobs.verify_checksums;
    }
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, dir, &db);
    db_.reset(db);
    return lab::FromLibrary(status);
  }

  Status Drain() override {
    LSM_RETURN_IF_ERROR(lab::FromLibrary(db_->Flush(rocksdb::FlushOptions())));
    while (IsBusy()) Env::Default()->SleepMicros(1000);
    return Status::Ok();
  }
  std::vector<LevelShape> Shape() override {
    std::vector<rocksdb::LiveFileMetaData> files;
    db_->GetLiveFilesMetaData(&files);
    std::map<int, LevelShape> levels;
    for (const rocksdb::LiveFileMetaData& file : files) {
      LevelShape& level = levels[file.level];
      level.level = file.level;
      ++level.files;
      level.bytes += file.size;
    }
    std::vector<LevelShape> shape;
    for (const auto& [number, level] : levels) shape.push_back(level);
    return shape;
  }
  Status Close() override { return lab::FromLibrary(db_->Close()); }

 private:
  bool IsBusy() {
    for (const std::string& property :
         {rocksdb::DB::Properties::kMemTableFlushPending,
          rocksdb::DB::Properties::kCompactionPending, rocksdb::DB::Properties::kNumRunningFlushes,
          rocksdb::DB::Properties::kNumRunningCompactions}) {
      uint64_t n = 0;
      if (!db_->GetIntProperty(property, &n) || n > 0) return true;
    }
    return false;
  }
};

}  // namespace

StoreInfo RocksDbStore() {
  StoreInfo info;
  info.name = "rocksdb";
  info.version = fmt::format("RocksDB {}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH);
  info.library = "librocksdb.so";
  info.open = OpenLibraryStore<RocksDb>;
  return info;
}

}  // namespace lsm::bench
