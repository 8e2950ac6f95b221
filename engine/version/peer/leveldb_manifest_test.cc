// LevelDB and the version stage read each other's CURRENT and manifests.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include <leveldb/db.h>

#include <stage/version/version_set.h>

namespace lsm {
namespace {

class LevelDbManifest : public testing::Test {
 protected:
  LevelDbManifest() {
    options_.env = Env::Default();
    options_.dir = testing::TempDir() + "lsm_leveldb_manifest";
    options_.comparator = BytewiseComparator();
    EXPECT_TRUE(leveldb::DestroyDB(options_.dir, {}).ok());
  }
  ~LevelDbManifest() override { EXPECT_TRUE(leveldb::DestroyDB(options_.dir, {}).ok()); }

  // An exception is what gets out of a helper.
  std::unique_ptr<leveldb::DB> OpenLevelDb(bool create) {
    leveldb::Options options;
    options.create_if_missing = create;
    leveldb::DB* db = nullptr;
    const leveldb::Status status = leveldb::DB::Open(options, options_.dir, &db);
    if (!status.ok()) throw std::runtime_error(status.ToString());
    return std::unique_ptr<leveldb::DB>(db);
  }
  std::unique_ptr<VersionSet> Recover() {
    auto set = VersionSet::Recover(options_);
    if (!set.ok()) throw std::runtime_error(set.status().ToString());
    return std::move(*set);
  }

  VersionOptions options_;
};

TEST_F(LevelDbManifest, WhatLevelDbWroteIsRecovered) {
  {
    const auto db = OpenLevelDb(true);
    for (int n = 0; n < 100; ++n) {
      ASSERT_TRUE(db->Put({}, "key" + std::to_string(n), std::string(1000, 'v')).ok());
    }
    db->CompactRange(nullptr, nullptr);
  }
  const auto set = Recover();
  EXPECT_EQ(set->last_sequence(), 100u);
  const std::string tree = DescribeTree(*set->current());
  EXPECT_NE(tree.find("[key0..key99]"), std::string::npos) << tree;
}

TEST_F(LevelDbManifest, LevelDbOpensWhatWasWrittenHere) {
  ASSERT_TRUE(options_.env->CreateDir(options_.dir).ok());
  {
    auto set = VersionSet::Create(options_);
    ASSERT_TRUE(set.ok()) << set.status().ToString();
    VersionEdit edit;
    edit.last_sequence = 41;
    edit.log_number = (*set)->NewFileNumber();
    ASSERT_TRUE((*set)->Apply(edit).ok());
  }
  {
    const auto db = OpenLevelDb(false);
    ASSERT_TRUE(db->Put({}, "k", "v").ok());
    db->CompactRange(nullptr, nullptr);
  }
  EXPECT_EQ(Recover()->last_sequence(), 42u);
}

// Edits of both, one after the other, in one directory.
TEST_F(LevelDbManifest, BothTakeTurns) {
  for (int n = 0; n < 3; ++n) {
    const auto db = OpenLevelDb(true);
    ASSERT_TRUE(db->Put({}, "k" + std::to_string(n), "v").ok());
    db->CompactRange(nullptr, nullptr);
  }
  std::string before;
  {
    const auto set = Recover();
    before = DescribeTree(*set->current());
    ASSERT_TRUE(set->Apply({}).ok());
    ASSERT_TRUE(set->Rotate().ok());
  }
  std::string value;
  ASSERT_TRUE(OpenLevelDb(false)->Get({}, "k1", &value).ok());
  EXPECT_EQ(DescribeTree(*Recover()->current()), before);
}

}  // namespace
}  // namespace lsm
