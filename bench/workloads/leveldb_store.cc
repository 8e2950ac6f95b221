// LevelDB by its public API.
#include <fmt/format.h>
#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <cstdio>
#include <sstream>

#include "foreign/library_options.h"
#include "lsm/env.h"
#include "workloads/library_store.h"

namespace lsm::bench {
namespace {

struct LevelDbTypes {
  using Db = leveldb::DB;
  using Iterator = leveldb::Iterator;
  using ReadOptions = leveldb::ReadOptions;
  using Slice = leveldb::Slice;
  using WriteBatch = leveldb::WriteBatch;
  using WriteOptions = leveldb::WriteOptions;
};

// LevelDB's own rule (VersionSet::Finalize): 4 files in level 0, 10 MiB in level 1, ten times as
// much in each further one.
bool CompactionIsDue(const LevelShape& level) {
  if (level.level == 0) return level.files >= 4;
  double target = 10 * 1048576.0;
  for (int i = 1; i < level.level; ++i) target *= 10;
  return static_cast<double>(level.bytes) >= target;
}

class LevelDb final : public LibraryStore<LevelDbTypes> {
 public:
  ~LevelDb() override { db_.reset(); }  // it uses the others

  Status Open(const StoreOptions& how, const std::string& dir) {
    leveldb::Options options = lab::LevelDbOptions(how.knobs);
    filter_.reset(options.filter_policy);
    cache_.reset(options.block_cache);
    if (how.defaults) {
      leveldb::Options theirs;
      theirs.info_log = options.info_log;
      theirs.create_if_missing = true;
      options = theirs;
    } else {
      read_options_.verify_checksums = how.knobs.verify_checksums;
    }
    leveldb::DB* db = nullptr;
    const leveldb::Status status = leveldb::DB::Open(options, dir, &db);
    db_.reset(db);
    return lab::FromLibrary(status);
  }

  // It has no verb for either. A compaction by hand begins with a flush, and of a range behind all
  // keys it does nothing else.
  Status Drain() override {
    const leveldb::Slice behind("\xff\xff");
    db_->CompactRange(&behind, &behind);
    for (bool due = true; due;) {
      due = false;
      for (const LevelShape& level : Shape()) due = due || CompactionIsDue(level);
      if (due) Env::Default()->SleepMicros(1000);
    }
    return Status::Ok();
  }

  // From its listing: "--- level 1 ---", then lines " NUMBER:BYTES['FROM' .. 'TO']".
  std::vector<LevelShape> Shape() override {
    std::string text, line;
    db_->GetProperty("leveldb.sstables", &text);
    std::vector<LevelShape> shape;
    std::istringstream lines(text);
    int level = 0;
    while (std::getline(lines, line)) {
      unsigned long long number = 0, bytes = 0;
      if (std::sscanf(line.c_str(), "--- level %d ---", &level) == 1) continue;
      if (std::sscanf(line.c_str(), " %llu:%llu[", &number, &bytes) != 2) continue;
      if (shape.empty() || shape.back().level != level) shape.push_back({level, 0, 0});
      ++shape.back().files;
      shape.back().bytes += bytes;
    }
    return shape;
  }

  Status Close() override {
    db_.reset();
    return Status::Ok();
  }

 private:
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::Cache> cache_;
};

}  // namespace

StoreInfo LevelDbStore() {
  StoreInfo info;
  info.name = "leveldb";
  info.version = fmt::format("LevelDB {}.{}", leveldb::kMajorVersion, leveldb::kMinorVersion);
  info.library = "libleveldb.so";
  info.open = OpenLibraryStore<LevelDb>;
  return info;
}

}  // namespace lsm::bench
