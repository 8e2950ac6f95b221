#include "interop/engines.h"

#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <cstdio>
#include <cstdlib>

#include "lsm/db.h"

namespace lsm::interop {
namespace {

template <class S>
void MustBeOk(const S& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  std::abort();
}

void Must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// Forward into a model, then backward against it.
template <class It>
Model Walk(It* it) {
  Model model;
  const auto text = [](const auto& bytes) { return std::string(bytes.data(), bytes.size()); };
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    Must(model.emplace(text(it->key()), text(it->value())).second, "a key appears twice");
  }
  MustBeOk(it->status(), "forward scan");
  auto expected = model.rbegin();
  for (it->SeekToLast(); it->Valid(); it->Prev(), ++expected) {
    Must(expected != model.rend() && expected->first == text(it->key()) &&
             expected->second == text(it->value()),
         "the backward scan differs from the forward scan");
  }
  MustBeOk(it->status(), "backward scan");
  Must(expected == model.rend(), "the backward scan is shorter than the forward scan");
  return model;
}

class LsmlabEngine final : public Engine {
 public:
  explicit LsmlabEngine(const EngineOptions& options) {
    options_.create_if_missing = true;
    options_.compression = options.snappy ? Compression::kSnappy : Compression::kNone;
    if (!options.small) return;
    options_.memtable_bytes = size_t{64} << 10;
    options_.max_file_bytes = size_t{32} << 10;
    options_.block_bytes = 512;
    options_.level1_bytes = uint64_t{256} << 10;
    options_.size_ratio = 4;
  }

  void Write(const std::string& dir, const History& history, bool close) override {
    auto db = DB::Open(options_, dir);
    MustBeOk(db.status(), "lsmlab: open");
    for (const std::vector<Update>& group : history) {
      WriteBatch batch;
      for (const Update& update : group) {
        update.value.has_value() ? batch.Put(update.key, *update.value) : batch.Delete(update.key);
      }
      MustBeOk((*db)->Write({}, batch), "lsmlab: write");
    }
    if (close) {
      MustBeOk((*db)->Close(), "lsmlab: close");
    } else {
      std::move(*db).release();  // the caller kills the process
    }
  }

  Model Read(const std::string& dir) override {
    Options options = options_;
    options.create_if_missing = false;
    auto db = DB::Open(options, dir);
    MustBeOk(db.status(), "lsmlab: open for reading");
    auto it = (*db)->NewIterator({});
    Model model = Walk(it.get());
    for (const auto& [key, value] : model) {
      std::string got;
      MustBeOk((*db)->Get({}, key, &got), "lsmlab: get");
      Must(got == value, "lsmlab: get differs from scan");
    }
    std::vector<std::string> findings;
    MustBeOk((*db)->CheckIntegrity(&findings), "lsmlab: integrity");
    return model;
  }

 private:
  Options options_;
};

class LevelDbEngine final : public Engine {
 public:
  explicit LevelDbEngine(const EngineOptions& options)
      : filter_(leveldb::NewBloomFilterPolicy(10)) {
    options_.create_if_missing = true;
    options_.paranoid_checks = options.paranoid;
    options_.filter_policy = filter_.get();
    options_.compression = options.snappy ? leveldb::kSnappyCompression : leveldb::kNoCompression;
    if (!options.small) return;
    options_.write_buffer_size = size_t{64} << 10;
    options_.max_file_size = size_t{1} << 20;  // LevelDB's least
    options_.block_size = 1024;
  }

  void Write(const std::string& dir, const History& history, bool close) override {
    std::unique_ptr<leveldb::DB> db = Open(dir);
    for (const std::vector<Update>& group : history) {
      leveldb::WriteBatch batch;
      for (const Update& update : group) {
        update.value.has_value() ? batch.Put(update.key, *update.value) : batch.Delete(update.key);
      }
      MustBeOk(db->Write({}, &batch), "LevelDB: write");
    }
    if (!close) db.release();  // the caller kills the process
  }

  Model Read(const std::string& dir) override {
    const std::unique_ptr<leveldb::DB> db = Open(dir);
    leveldb::ReadOptions read;
    read.verify_checksums = true;
    const std::unique_ptr<leveldb::Iterator> it(db->NewIterator(read));
    Model model = Walk(it.get());
    for (const auto& [key, value] : model) {
      std::string got;
      MustBeOk(db->Get(read, key, &got), "LevelDB: get");
      Must(got == value, "LevelDB: get differs from scan");
    }
    return model;
  }

 private:
  std::unique_ptr<leveldb::DB> Open(const std::string& dir) {
    leveldb::DB* db = nullptr;
    MustBeOk(leveldb::DB::Open(options_, dir, &db), "LevelDB: open");
    return std::unique_ptr<leveldb::DB>(db);
  }

  const std::unique_ptr<const leveldb::FilterPolicy> filter_;
  leveldb::Options options_;
};

}  // namespace

std::unique_ptr<Engine> NewLsmlab(const EngineOptions& options) {
  return std::make_unique<LsmlabEngine>(options);
}

std::unique_ptr<Engine> NewLevelDb(const EngineOptions& options) {
  return std::make_unique<LevelDbEngine>(options);
}

}  // namespace lsm::interop
