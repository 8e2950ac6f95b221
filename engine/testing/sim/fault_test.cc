// Which operations are counted, and how they are made to fail.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

using Lines = std::vector<std::string>;

class Faults : public testing::Test {
 protected:
  Faults() {
    EXPECT_TRUE(env_.CreateDir("/d").ok());
    EXPECT_TRUE(env_.SyncDir("/").ok());
    before_ = env_.IoCount();
  }

  std::unique_ptr<WritableFile> Create(const std::string& path, IoMode io = IoMode::kPlain,
                                       uint64_t preallocate = 0) {
    WritableFileOptions options;
    options.io = io;
    options.preallocate_bytes = preallocate;
    auto file = env_.CreateWritable(path, options);
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return std::move(*file);
  }
  void WatchOperations() {
    env_.OnIo([this](const IoOperation& io) {
      seen_.push_back(std::to_string(io.index - before_) + " " + io.what + " " + io.path);
    });
  }

  SimEnv env_{SimOptions{}};
  Lines seen_;
  uint64_t before_;
};

TEST_F(Faults, OperationsThatChangeFilesAreCountedInOrder) {
  WatchOperations();
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("x").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Close().ok());
  ASSERT_TRUE(env_.RenameFile("/d/a", "/d/b").ok());
  ASSERT_TRUE(env_.LinkFile("/d/b", "/d/c").ok());
  ASSERT_TRUE(env_.TruncateFile("/d/c", 0).ok());
  ASSERT_TRUE(env_.RemoveFile("/d/c").ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  EXPECT_EQ(seen_,
            (Lines{"0 create /d/a", "1 flush /d/a", "2 sync /d/a", "3 close /d/a", "4 rename /d/b",
                   "5 link /d/c", "6 truncate /d/c", "7 remove /d/c", "8 syncdir /d"}));
  EXPECT_EQ(env_.IoCount() - before_, 9u);
}

TEST_F(Faults, FlushWithNothingToWriteIsNotCounted) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(env_.IoCount() - before_, 1u);
}

TEST_F(Faults, MappedFlushIsCountedAsPublish) {
  WatchOperations();
  const auto file = Create("/d/a", IoMode::kMapped);
  ASSERT_TRUE(file->Append("x").ok());
  ASSERT_TRUE(file->Flush().ok());
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(seen_, (Lines{"0 create /d/a", "1 publish /d/a"}));
}

TEST_F(Faults, ReadsAreNotCounted) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "x").ok());
  char scratch[1];
  auto file = env_.OpenSequential("/d/a");
  ASSERT_TRUE((*file)->Read(1, scratch).ok());
  ASSERT_TRUE(env_.ListDir("/d").ok());
  EXPECT_EQ(env_.IoCount() - before_, 0u);
}

TEST_F(Faults, OperationFailsOnceAndHasNoEffect) {
  const auto file = Create("/d/a");
  env_.AddFault({{.nth = 2}});
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_EQ(file->Sync().ToString(), "IO error: sync /d/a: injected");
  EXPECT_EQ(env_.DirtyFiles(), (Lines{"/d/a"}));
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(env_.DirtyFiles().empty());
}

TEST_F(Faults, StickyFaultLastsUntilItIsCleared) {
  env_.AddFault({{.nth = 2}, StatusCode::kNoSpace, Effect::kFail, kForever});
  EXPECT_TRUE(env_.SyncDir("/d").ok());
  EXPECT_EQ(env_.SyncDir("/d").ToString(), "No space: syncdir /d: injected");
  EXPECT_FALSE(env_.SyncDir("/d").ok());
  env_.ClearFaults();
  EXPECT_TRUE(env_.SyncDir("/d").ok());
}

TEST_F(Faults, FullDiskRefusesTheFlushUntilThereIsSpace) {
  env_.SetDiskBytes(4);
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("hello").ok());
  const Status full = file->Flush();
  EXPECT_EQ(full.ToString(), "No space: flush /d/a: 5 bytes more than 0 of 4 in use");
  env_.SetDiskBytes(5);
  EXPECT_TRUE(file->Flush().ok());
}

TEST_F(Faults, RemovedFileFreesItsSpace) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "12345").ok());
  env_.SetDiskBytes(5);
  const auto file = Create("/d/b");
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_FALSE(file->Flush().ok());
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  EXPECT_TRUE(file->Flush().ok());
}

TEST_F(Faults, MappedFileRunsOutOfSpaceWhenAWindowIsAllocated) {
  env_.SetDiskBytes(24);
  WritableFileOptions options{IoMode::kMapped, 32};
  EXPECT_EQ(env_.CreateWritable("/d/a", options).status().code(), StatusCode::kNoSpace);
  const auto file = Create("/d/a", IoMode::kMapped, 16);
  ASSERT_TRUE(file->Append(std::string(16, 'x')).ok());
  EXPECT_EQ(file->Append("y").code(), StatusCode::kNoSpace);
}

TEST_F(Faults, HookMaySyncBeforeTheOperationTakesEffect) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("x").ok());
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(env_.DirtyFiles(), (Lines{"/d/a"}));
  EXPECT_EQ(env_.DirtyDirs(), (Lines{"/d"}));
  env_.CrashAt({});
  env_.OnIo([this](const IoOperation&) {
    env_.SyncFileNow("/d/a");
    env_.SyncDirNow("/d");
  });
  EXPECT_FALSE(env_.RemoveFile("/d/a").ok());
  EXPECT_TRUE(env_.Unsynced().empty());
  env_.Restart({});
  EXPECT_EQ(*env_.ReadWholeFile("/d/a"), "x");
}

}  // namespace
}  // namespace lsm::sim
