// What only the reference does: its manifests grow by edits and are replaced in good time.
#include <stage/version/version_set.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/marks.h"
#include "format/filename.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

constexpr char kDir[] = "/db";

class ReferenceVersionSet : public testing::Test {
 protected:
  ReferenceVersionSet() {
    EXPECT_TRUE(env_.CreateDir(kDir).ok());
    options_.env = &env_;
    options_.dir = kDir;
    options_.comparator = BytewiseComparator();
    auto set = VersionSet::Create(options_);
    EXPECT_TRUE(set.ok()) << set.status().ToString();
    set_ = std::move(*set);
  }

  uint64_t ManifestBytes() {
    return *env_.FileSize(ManifestFileName(kDir, set_->manifest_number()));
  }

  sim::SimEnv env_{sim::SimOptions{}};
  VersionOptions options_;
  std::unique_ptr<VersionSet> set_;
};

TEST_F(ReferenceVersionSet, AnEditIsAppendedAndSyncedOnce) {
  VersionEdit edit;
  edit.last_sequence = 7;
  std::vector<std::string> operations;
  env_.OnIo([&operations](const sim::IoOperation& io) { operations.push_back(io.what); });
  ASSERT_TRUE(set_->Apply(edit).ok());
  EXPECT_EQ(operations.back(), "sync");
  EXPECT_EQ(std::count(operations.begin(), operations.end(), "sync"), 1);
  EXPECT_EQ(std::count(operations.begin(), operations.end(), "create"), 0);
  EXPECT_EQ(set_->manifest_number(), 1u);
}

TEST_F(ReferenceVersionSet, ReplacingCurrentFollowsTheNumberedSteps) {
  std::vector<std::string> operations;
  env_.OnIo([&operations](const sim::IoOperation& io) {
    if (io.what != "append" && io.what != "flush" && io.what != "close") {
      operations.push_back(io.what + " " + io.path);
    }
  });
  ASSERT_TRUE(set_->Rotate().ok());
  const std::vector<std::string> expected = {"create /db/MANIFEST-000002",
                                             "sync /db/MANIFEST-000002",
                                             "syncdir /db",
                                             "create /db/000002.dbtmp",
                                             "sync /db/000002.dbtmp",
                                             "rename /db/CURRENT",
                                             "syncdir /db"};
  EXPECT_EQ(operations, expected);
}

TEST_F(ReferenceVersionSet, ALargeManifestIsReplaced) {
  VersionEdit edit;
  edit.compact_pointers.emplace_back(
      1, MakeInternalKey(std::string(100'000, 'k'), 1, ValueType::kValue));
  uint64_t largest = 0;
  for (int n = 0; n < 50; ++n) {
    ASSERT_TRUE(set_->Apply(edit).ok());
    largest = std::max(largest, ManifestBytes());
  }
  EXPECT_GT(set_->manifest_number(), 1u);
  EXPECT_LT(largest, uint64_t{2} << 20);
}

TEST_F(ReferenceVersionSet, RotateHitsItsMark) {
  const uint64_t before = marks::Count(marks::Mark::manifest_rotated);
  ASSERT_TRUE(set_->Rotate().ok());
  EXPECT_EQ(marks::Count(marks::Mark::manifest_rotated), before + 1);
}

}  // namespace
}  // namespace lsm
