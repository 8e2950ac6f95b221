// When LevelDB can read a directory, and when it must refuse it: a tree with several runs in a
// level below 0 carries a tag in its manifest that LevelDB does not know
// (docs/formats/manifest.md).
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <leveldb/db.h>

#include <map>
#include <memory>
#include <string>

#include "base/check.h"
#include "db/stages.h"
#include "db/test_dir.h"
#include "lsm/db.h"
#include "lsm/statistics.h"

namespace lsm::interop {
namespace {

using Model = std::map<std::string, std::string>;

class RunMark : public testing::Test {
 protected:
  void SetUp() override {
    if (!CompactionPicker::Supports(CompactionPolicy::kTiered)) {
      GTEST_SKIP() << "the stage does not support tiered";
    }
  }
  static Options OptionsOf(CompactionPolicy policy) {
    Options options;
    options.create_if_missing = true;
    options.policy = policy;
    options.memtable_bytes = 1024;
    options.max_file_bytes = 1024;
    options.level1_bytes = 4096;
    options.size_ratio = 4;
    options.l0_compaction_trigger = 2;
    return options;
  }

  // Opens, updates until `runs` runs stand in level 1 (0: not at all), and closes.
  void Run(CompactionPolicy policy, uint64_t runs) {
    auto db = DB::Open(OptionsOf(policy), dir_.path());
    LSM_CHECK(db.ok());
    LSM_CHECK((*db)->WaitForBackgroundWork().ok());
    while (runs > 0 && (*db)->GetStatistics().level[1].runs != runs) {
      const std::string key = fmt::format("key{:03}", ++updates_ * 37 % 101);
      model_[key] = fmt::format("{:080}", updates_);
      LSM_CHECK((*db)->Put({}, key, model_[key]).ok());
      if (updates_ % 4 == 0) LSM_CHECK((*db)->Flush().ok());
      LSM_CHECK((*db)->WaitForBackgroundWork().ok());
    }
    LSM_CHECK((*db)->Close().ok());
  }

  // What LevelDB reads, or why it does not.
  std::string AskLevelDb() {
    leveldb::DB* opened = nullptr;
    leveldb::Options options;
    options.paranoid_checks = true;
    const leveldb::Status s = leveldb::DB::Open(options, dir_.path(), &opened);
    if (!s.ok()) return s.ToString();
    const std::unique_ptr<leveldb::DB> db(opened);
    const std::unique_ptr<leveldb::Iterator> it(db->NewIterator({}));
    Model seen;
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      seen.emplace(it->key().ToString(), it->value().ToString());
    }
    return seen == model_ ? "all is there" : "something is missing";
  }

  TestDir dir_;
  Model model_;
  int updates_ = 0;
};

constexpr char kRefused[] = "Corruption: VersionEdit: unknown tag";

TEST_F(RunMark, LevelDbReadsATieredTreeOfOneRunALevel) {
  Run(CompactionPolicy::kTiered, 1);
  EXPECT_EQ(AskLevelDb(), "all is there");
}

TEST_F(RunMark, LevelDbRefusesSeveralRunsInALevel) {
  Run(CompactionPolicy::kTiered, 2);
  EXPECT_EQ(AskLevelDb(), kRefused);
  EXPECT_EQ(AskLevelDb(), kRefused);  // it changed nothing
  Run(CompactionPolicy::kTiered, 3);
  EXPECT_EQ(AskLevelDb(), kRefused);
}

TEST_F(RunMark, TheMarkIsGoneOnceTheShapeIsLevelDbsAgainAndTheDatabaseWasOpened) {
  Run(CompactionPolicy::kTiered, 3);
  Run(CompactionPolicy::kLeveled, 0);  // makes one run of three; its manifest tells how
  EXPECT_EQ(AskLevelDb(), kRefused);
  Run(CompactionPolicy::kLeveled, 0);
  EXPECT_EQ(AskLevelDb(), "all is there");
  Run(CompactionPolicy::kTiered, 2);  // and what LevelDB left behind is taken up again
  EXPECT_EQ(AskLevelDb(), kRefused);
}

}  // namespace
}  // namespace lsm::interop
