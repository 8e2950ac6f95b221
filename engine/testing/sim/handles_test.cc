// What the simulated process holds open.
#include "testing/sim/handles.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

using Lines = std::vector<std::string>;

class Handles : public testing::Test {
 protected:
  explicit Handles(uint64_t max_open_files = UINT64_MAX) : env_(Limited(max_open_files)) {
    EXPECT_TRUE(env_.CreateDir("/d").ok());
    EXPECT_TRUE(env_.OverwriteFile("/d/a", "abc").ok());
  }
  static SimOptions Limited(uint64_t max_open_files) {
    SimOptions options;
    options.max_open_files = max_open_files;
    return options;
  }
  SimEnv env_;
};

TEST_F(Handles, AreListedUntilTheyAreClosed) {
  auto writer = env_.CreateWritable("/d/w", {});
  auto reader = env_.OpenRandomAccess("/d/a", IoMode::kPlain);
  auto mapping = env_.OpenRandomAccess("/d/a", IoMode::kMapped);
  auto lock = env_.LockFile("/d/LOCK");
  EXPECT_EQ(env_.OpenHandles(),
            (Lines{"writer /d/w", "reader /d/a", "mapping /d/a", "lock /d/LOCK"}));
  ASSERT_TRUE((*writer)->Close().ok());
  reader->reset();
  mapping->reset();
  EXPECT_EQ(env_.OpenHandles(), (Lines{"lock /d/LOCK"}));
  lock->reset();
  EXPECT_TRUE(env_.OpenHandles().empty());
}

TEST_F(Handles, OfADeadProcessAreGone) {
  auto writer = env_.CreateWritable("/d/w", {});
  auto lock = env_.LockFile("/d/LOCK");
  env_.RestartProcess();
  EXPECT_TRUE(env_.OpenHandles().empty());
  auto again = env_.LockFile("/d/LOCK");
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  lock->reset();
  writer->reset();
  EXPECT_EQ(env_.OpenHandles(), (Lines{"lock /d/LOCK"}));
}

class FewHandles : public Handles {
 protected:
  FewHandles() : Handles(2) {}
};

TEST_F(FewHandles, DescriptorsAreBoundedAndMappingsAreNone) {
  auto first = env_.OpenRandomAccess("/d/a", IoMode::kPlain);
  auto mapping = env_.OpenRandomAccess("/d/a", IoMode::kMapped);
  auto lock = env_.LockFile("/d/LOCK");
  EXPECT_EQ(env_.OpenSequential("/d/a").status().ToString(),
            "IO error: open /d/a: too many open files, 2 of 2");
  EXPECT_FALSE(env_.CreateWritable("/d/w", {}).ok());
  EXPECT_FALSE(env_.FileExists("/d/w"));
  EXPECT_FALSE(env_.LockFile("/d/OTHER").ok());
  first->reset();
  EXPECT_TRUE(env_.OpenSequential("/d/a").ok());
}

TEST_F(Handles, UnlinkedFileLivesOnAndKeepsItsSpaceWhileItIsOpen) {
  env_.SetDiskBytes(4);
  auto reader = env_.OpenRandomAccess("/d/a", IoMode::kPlain);
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  EXPECT_FALSE(env_.FileExists("/d/a"));
  char scratch[3];
  EXPECT_EQ(*(*reader)->Read(0, 3, scratch), "abc");
  auto writer = env_.CreateWritable("/d/w", {});
  ASSERT_TRUE((*writer)->Append("12").ok());
  EXPECT_EQ((*writer)->Flush().code(), StatusCode::kNoSpace);
  reader->reset();
  ASSERT_TRUE((*writer)->Append("12").ok());
  EXPECT_TRUE((*writer)->Flush().ok());
}

TEST_F(Handles, UnlinkedFileIsGoneAfterACut) {
  auto writer = env_.CreateWritable("/d/w", {});
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  ASSERT_TRUE(env_.RemoveFile("/d/w").ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  ASSERT_TRUE((*writer)->Append("abc").ok());
  ASSERT_TRUE((*writer)->Sync().ok());
  EXPECT_TRUE(env_.Unsynced().empty());
  env_.Restart({});
  EXPECT_EQ(*env_.ListDir("/d"), (Lines{"a"}));
}

}  // namespace
}  // namespace lsm::sim
