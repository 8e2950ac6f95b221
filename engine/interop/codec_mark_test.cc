// A database with tables of a codec that LevelDB lacks is marked: LevelDB itself refuses it when it
// is opened, and reads it again once the last such table is gone. Unmarked, it would open it, begin
// a new manifest, and fail at the first block.
#include <gtest/gtest.h>
#include <leveldb/db.h>

#include <memory>
#include <string>

#include "db/test_dir.h"
#include "format/codec.h"
#include "interop/engines.h"
#include "lsm/db.h"

namespace lsm::interop {
namespace {

class CodecMark : public testing::TestWithParam<Compression> {
 protected:
  void SetUp() override {
    if (!CodecAvailable(GetParam())) GTEST_SKIP() << "not in this build";
    options_.create_if_missing = true;
    options_.memtable_bytes = 64 << 10;
    options_.compression_per_level = {Compression::kNone, GetParam()};  // level 0 is LevelDB's
  }
  std::unique_ptr<DB> Open() {
    auto db = DB::Open(options_, dir_.path());
    EXPECT_TRUE(db.ok()) << db.status().ToString();
    return std::move(*db);
  }
  // Updates of one history, then all in levels below 0.
  void WriteAndCompact() {
    const std::unique_ptr<DB> db = Open();
    for (const std::vector<Update>& group : history_) {
      WriteBatch batch;
      for (const Update& update : group) {
        update.value.has_value() ? batch.Put(update.key, *update.value) : batch.Delete(update.key);
      }
      ASSERT_TRUE(db->Write({}, batch).ok());
    }
    ASSERT_TRUE(db->CompactRange({}, {}, {}).ok());
  }
  std::string LevelDbOpens() {
    leveldb::DB* db = nullptr;
    const leveldb::Status s = leveldb::DB::Open({}, dir_.path(), &db);
    delete db;
    return s.ToString();
  }

  TestDir dir_;
  Options options_;
  const History history_ = MakeHistory(5, 20'000, 3000);
};
INSTANTIATE_TEST_SUITE_P(All, CodecMark, testing::Values(Compression::kLz4, Compression::kZstd),
                         [](const auto& param) { return CodecName(param.param); });

TEST_P(CodecMark, LevelDbRefusesTheDirectory) {
  WriteAndCompact();
  EXPECT_NE(LevelDbOpens().find("unknown tag"), std::string::npos) << LevelDbOpens();
  EXPECT_EQ(NewLsmlab({})->Read(dir_.path()), StateAfter(history_, history_.size()));
}

TEST_P(CodecMark, GoesWithTheLastTableThatNeedsIt) {
  WriteAndCompact();
  options_.compression_per_level = {Compression::kSnappy};
  WriteAndCompact();  // meets every table: all are rewritten
  Open();             // a new manifest
  EXPECT_EQ(NewLevelDb({})->Read(dir_.path()), StateAfter(history_, history_.size()));
}

}  // namespace
}  // namespace lsm::interop
