// What a database refuses, and what it tells about itself.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "db/test_dir.h"
#include "lsm/db.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

class DbAnswers : public testing::Test {
 protected:
  DbAnswers() {
    options_.create_if_missing = true;
    options_.compression = Compression::kNone;
  }
  void Open() {
    db_.reset();
    auto db = DB::Open(options_, dir_.path());
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    db_ = std::move(*db);
  }
  // A table for each key.
  void MakeTables(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      ASSERT_TRUE(db_->Put({}, key, "value").ok());
      ASSERT_TRUE(db_->Flush().ok());
    }
  }
  std::string Property(std::string_view name) {
    std::string text;
    EXPECT_TRUE(db_->GetProperty(name, &text)) << name;
    return text;
  }

  TestDir dir_;
  Options options_;
  std::unique_ptr<DB> db_;
};

TEST_F(DbAnswers, StatisticsAsText) {
  Open();
  MakeTables({"a", "b"});
  std::string value;
  ASSERT_TRUE(db_->Get({}, "a", &value).ok());
  const std::string text = Property("lsm.stats");
  for (const char* part : {"updates: 2 puts, 0 deletes", "flushes: 2,", "amplification: write "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  const Statistics s = db_->GetStatistics();
  EXPECT_GT(s.WriteAmplification(), 1);
  EXPECT_GE(s.ReadAmplification(), 1);
  EXPECT_EQ(Property("lsm.background-error"), "OK");
}

TEST_F(DbAnswers, WhatIsOutOfRangeIsRefusedByName) {
  Open();
  CompactRangeOptions compact;
  compact.target_level = options_.num_levels;
  const Status s = db_->CompactRange(compact, {}, {});
  EXPECT_EQ(s.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(s.message().find("target_level"), std::string_view::npos);
  const char byte = 'x';
  EXPECT_EQ(db_->Put({}, "k", {&byte, kMaxValueBytes + 1}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(db_->Put({}, {&byte, kMaxKeyBytes + 1}, "v").code(), StatusCode::kInvalidArgument);
}

TEST_F(DbAnswers, ErrorIfExists) {
  Open();
  db_.reset();
  options_.error_if_exists = true;
  const Status s = DB::Open(options_, dir_.path()).status();
  EXPECT_EQ(s.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(s.message().find("error_if_exists"), std::string_view::npos) << s.ToString();
}

TEST_F(DbAnswers, RepairOfNoDatabase) {
  ASSERT_TRUE(Env::Default()->CreateDir(dir_.path()).ok());
  dir_.Write("letter.txt", "dear");
  std::string report;
  EXPECT_EQ(DB::Repair(options_, dir_.path(), &report).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(dir_.List(), "letter.txt ");
}

TEST_F(DbAnswers, IteratorOfAClosedDatabaseIsNeverValid) {
  Open();
  MakeTables({"a"});
  ASSERT_TRUE(db_->Close().ok());
  const auto it = db_->NewIterator({});
  it->SeekToFirst();
  EXPECT_FALSE(it->Valid());
  it->SeekToLast();
  EXPECT_FALSE(it->Valid());
  it->Seek("a");
  EXPECT_FALSE(it->Valid());
  it->SeekForPrev("a");
  EXPECT_FALSE(it->Valid());
  EXPECT_EQ(it->status().code(), StatusCode::kClosed);
}

TEST_F(DbAnswers, IntegrityFindsATableThatBelongsToNothing) {
  Open();
  MakeTables({"a"});
  const std::string table = dir_.Read(dir_.First(FileKind::kTable));
  std::vector<std::string> findings;
  ASSERT_TRUE(db_->CheckIntegrity(&findings).ok());
  dir_.Write("000001.ldb", table);
  // It may also have been removed, as what is left of a flush that failed.
  const Status s = db_->CheckIntegrity(&findings);
  const bool there = Env::Default()->FileExists(dir_.path() + "/000001.ldb");
  EXPECT_EQ(there, !s.ok());
  EXPECT_EQ(there, findings.size() == 1);
}

TEST_F(DbAnswers, IntegrityFindsATableWithOtherKeysThanTheManifestStates) {
  Open();
  MakeTables({"a", "b"});
  db_.reset();
  const std::string names = dir_.List();
  std::vector<std::string> paths;
  for (size_t at = 0, end; (end = names.find(' ', at)) != std::string::npos; at = end + 1) {
    const std::string name = names.substr(at, end - at);
    if (ParseFileName(name).kind == FileKind::kTable) paths.push_back(name);
  }
  ASSERT_GE(paths.size(), 2u);
  dir_.Write(paths[0], dir_.Read(dir_.path() + "/" + paths[1]));
  Open();
  std::vector<std::string> findings;
  EXPECT_EQ(db_->CheckIntegrity(&findings).code(), StatusCode::kCorruption);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].find("not those that the manifest states"), std::string::npos)
      << findings[0];
}

TEST_F(DbAnswers, CheckpointCopiesWhereFilesCannotBeLinked) {
  sim::SimEnv env{sim::SimOptions()};
  options_.env = &env;
  auto db = DB::Open(options_, "/db");
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE((*db)->Put({}, "a", "value").ok());
  ASSERT_TRUE((*db)->Flush().ok());
  sim::Fault no_links;
  no_links.at.io = sim::IoKind::kLink;
  no_links.code = StatusCode::kNotSupported;
  no_links.times = sim::kForever;
  env.AddFault(no_links);
  ASSERT_TRUE((*db)->Checkpoint("/copy").ok());
  auto copy = DB::Open(options_, "/copy");
  ASSERT_TRUE(copy.ok()) << copy.status().ToString();
  std::string value;
  EXPECT_TRUE((*copy)->Get({}, "a", &value).ok());
  EXPECT_EQ(value, "value");
}

}  // namespace
}  // namespace lsm
