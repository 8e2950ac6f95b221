#include "fuzz/real_files.h"

#include <fmt/format.h>

#include "base/check.h"
#include "format/codec.h"
#include "lsm/db.h"
#include "testing/sim/sim_env.h"

namespace lsm::fuzz {
namespace {

constexpr char kDir[] = "/db";

class SilentLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

// Small knobs, so that few writes make many files.
Options SmallOptions(IoMode io) {
  static SilentLogger logger;
  Options options;
  options.info_log = &logger;
  options.memtable_bytes = 2048;
  options.max_wal_bytes = 1024;
  options.block_bytes = 64;
  options.block_restart_interval = 3;
  options.max_file_bytes = 1024;
  options.level1_bytes = 2048;
  options.size_ratio = 2;
  options.block_cache_bytes = 0;
  options.wal_io = options.read_io = io;
  if (!CodecAvailable(options.compression)) options.compression = Compression::kNone;
  return options;
}

// Writes a database and keeps its files and its history. The engine is trusted here: what it gets
// wrong without damage is for other checks to find.
class Author {
 public:
  explicit Author(const Options& options) {
    database_.options = options;
    Options create = options;
    create.env = &env_;
    create.create_if_missing = true;
    auto db = DB::Open(create, kDir);
    LSM_CHECK(db.ok());
    db_ = std::move(*db);
  }

  void Put(const std::string& key, const std::string& value) {
    LSM_CHECK(db_->Put(WriteOptions{true}, key, value).ok());
    lab::Contents next = database_.states.back();
    next[key] = value;
    database_.states.push_back(std::move(next));
  }
  void Delete(const std::string& key) {
    LSM_CHECK(db_->Delete(WriteOptions{true}, key).ok());
    lab::Contents next = database_.states.back();
    next.erase(key);
    database_.states.push_back(std::move(next));
  }
  void Numbered(int begin, int end) {
    for (int i = begin; i < end; ++i) {
      Put(fmt::format("key{:02}", i * 7 % 20), fmt::format("value {} of the database", i));
      if (i % 5 == 4) Delete(fmt::format("key{:02}", i % 20));
    }
  }
  void Flush() {
    LSM_CHECK(db_->Flush().ok());
    database_.in_tables = database_.states.size() - 1;
  }
  void Compact() { LSM_CHECK(db_->CompactRange({}, {}, {}).ok()); }

  // The files as a killed process leaves them: `closed` says whether it had closed the database.
  RealDatabase Finish(bool closed) {
    if (closed) LSM_CHECK(db_->Close().ok());
    const auto names = env_.ListDir(kDir);
    LSM_CHECK(names.ok());
    for (const std::string& name : *names) {
      if (name == "LOCK") continue;
      auto bytes = env_.ReadWholeFile(std::string(kDir) + "/" + name);
      LSM_CHECK(bytes.ok());
      database_.files[name] = std::move(*bytes);
    }
    db_.reset();
    return std::move(database_);
  }

 private:
  sim::SimEnv env_{sim::SimOptions()};
  std::unique_ptr<DB> db_;
  RealDatabase database_;
};

RealDatabase LogsOnly() {
  Options options = SmallOptions(IoMode::kMapped);
  options.memtable_bytes = options.max_wal_bytes = 16384;
  Author author(options);
  author.Numbered(0, 30);
  return author.Finish(false);
}

RealDatabase TablesAndLog() {
  Options options = SmallOptions(IoMode::kPlain);
  options.compression = Compression::kNone;
  Author author(options);
  author.Numbered(0, 12);
  author.Flush();
  author.Numbered(12, 24);
  author.Flush();
  author.Numbered(24, 30);
  return author.Finish(true);
}

RealDatabase DeepTree() {
  Options options = SmallOptions(IoMode::kMapped);
  for (const auto& [name, codec] : kCodecNames) {
    if (CodecAvailable(codec)) options.compression_per_level.push_back(codec);
  }
  Author author(options);
  author.Numbered(0, 40);
  author.Compact();
  author.Numbered(40, 60);
  author.Flush();
  author.Put("", std::string(200, 'e'));
  author.Delete("key01");
  return author.Finish(true);
}

}  // namespace

const std::vector<RealDatabase>& RealDatabases() {
  static const std::vector<RealDatabase> kDatabases = {LogsOnly(), TablesAndLog(), DeepTree()};
  return kDatabases;
}

std::vector<std::string> RealFiles(FileKind kind) {
  std::vector<std::string> files;
  for (const RealDatabase& database : RealDatabases()) {
    for (const auto& [name, bytes] : database.files) {
      if (ParseFileName(name).kind == kind && !bytes.empty()) files.push_back(bytes);
    }
  }
  return files;
}

}  // namespace lsm::fuzz
