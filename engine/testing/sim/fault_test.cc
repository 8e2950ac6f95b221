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

// --- Addresses ---

TEST_F(Faults, AddressNamesTheOperationNotItsPlaceInTheRun) {
  const size_t second_log_sync = env_.AddFault({{IoKind::kSync, FileRole::kLog, 2}});
  const auto table = Create("/d/000005.ldb");
  const auto log = Create("/d/000003.log");
  EXPECT_TRUE(log->Sync().ok());
  EXPECT_TRUE(table->Sync().ok());
  EXPECT_EQ(env_.Struck(second_log_sync), 0u);
  EXPECT_FALSE(log->Sync().ok());
  EXPECT_TRUE(log->Sync().ok());
  EXPECT_EQ(env_.Struck(second_log_sync), 1u);
}

TEST_F(Faults, AnyOperationIsOneThatChangesTheDisk) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "x").ok());
  env_.AddFault({{.nth = 1}});
  EXPECT_TRUE(env_.ListDir("/d").ok());
  EXPECT_TRUE(env_.FileSize("/d/a").ok());
  EXPECT_FALSE(env_.RemoveFile("/d/a").ok());
}

TEST_F(Faults, RangeIsOfTheBytesThatAreTouched) {
  ASSERT_TRUE(env_.OverwriteFile("/d/000005.ldb", std::string(100, 'x')).ok());
  env_.AddFault({{IoKind::kRead, FileRole::kTable, 1, 50, 60},
                 StatusCode::kIOError,
                 Effect::kFail,
                 kForever});
  auto file = env_.OpenRandomAccess("/d/000005.ldb", IoMode::kPlain);
  char scratch[100];
  EXPECT_TRUE((*file)->Read(0, 50, scratch).ok());
  EXPECT_TRUE((*file)->Read(60, 40, scratch).ok());
  EXPECT_FALSE((*file)->Read(59, 1, scratch).ok());
  EXPECT_FALSE((*file)->Read(0, 100, scratch).ok());
}

TEST_F(Faults, FirstArmedOfTwoFaultsStrikesAndBothCount) {
  const size_t first = env_.AddFault({{.io = IoKind::kSyncDir}, StatusCode::kNoSpace});
  const size_t second = env_.AddFault({{.io = IoKind::kSyncDir, .nth = 2}});
  EXPECT_EQ(env_.SyncDir("/d").code(), StatusCode::kNoSpace);
  EXPECT_EQ(env_.SyncDir("/d").code(), StatusCode::kIOError);
  EXPECT_EQ(env_.Struck(first) + env_.Struck(second), 2u);
}

TEST_F(Faults, FullDiskHasSpaceAgainAfterSoManyRefusals) {
  const auto file = Create("/d/000003.log");
  env_.AddFault({{.io = IoKind::kAppend}, StatusCode::kNoSpace, Effect::kFail, 2});
  for (const bool ok : {false, false, true}) {
    ASSERT_TRUE(file->Append("x").ok());
    EXPECT_EQ(file->Flush().ok(), ok);
  }
}

TEST_F(Faults, HookIsToldOfEachStrikeOfAReadToo) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "x").ok());
  env_.OnFault([this](const IoOperation& io, const Fault& fault) {
    seen_.push_back(std::string(NameOf(fault.effect)) + " " + io.what + " " + io.path);
  });
  env_.AddFault({{.io = IoKind::kRead}});
  env_.AddFault({{.io = IoKind::kSyncDir}, StatusCode::kIOError, Effect::kLie});
  char scratch[1];
  EXPECT_FALSE((*env_.OpenSequential("/d/a"))->Read(1, scratch).ok());
  EXPECT_TRUE(env_.SyncDir("/d").ok());
  EXPECT_EQ(seen_, (Lines{"fail read /d/a", "lie syncdir /d"}));
}

TEST_F(Faults, PowerIsCutAtAnAddress) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "xy").ok());
  env_.CrashAt({.io = IoKind::kRead, .nth = 2});
  auto file = env_.OpenSequential("/d/a");
  char scratch[1];
  EXPECT_TRUE((*file)->Read(1, scratch).ok());
  EXPECT_FALSE(env_.Crashed());
  EXPECT_EQ((*file)->Read(1, scratch).status().ToString(),
            "IO error: read /d/a: simulated power cut");
  EXPECT_TRUE(env_.Crashed());
}

TEST_F(Faults, AddressThatIsNotReachedIsSeenToBe) {
  const size_t fault = env_.AddFault({{.io = IoKind::kSync, .nth = 2}});
  env_.CrashAt({.io = IoKind::kLink});
  EXPECT_TRUE(Create("/d/a")->Sync().ok());
  EXPECT_EQ(env_.Struck(fault), 0u);
  EXPECT_FALSE(env_.Crashed());
  env_.CancelCrash();
  EXPECT_TRUE(env_.LinkFile("/d/a", "/d/b").ok());
}

TEST_F(Faults, StrikesAreStillCountedAfterTheMachineWasRepaired) {
  const size_t fault = env_.AddFault({{.io = IoKind::kSyncDir}});
  EXPECT_FALSE(env_.SyncDir("/d").ok());
  env_.ClearFaults();
  EXPECT_EQ(env_.Struck(fault), 1u);
}

TEST(FaultRules, FaultThatCannotBeIsRefusedWithTheReason) {
  const auto refused = [](const Fault& fault) { return CheckFault(fault).ToString(); };
  EXPECT_EQ(refused({{.io = IoKind::kRename}, StatusCode::kIOError, Effect::kRevert}),
            "Invalid argument: fault revert rename any: the operation has no such effect");
  EXPECT_NE(refused({{.io = IoKind::kRead}, StatusCode::kIOError, Effect::kDone}), "OK");
  EXPECT_NE(refused({{.io = IoKind::kAny}, StatusCode::kIOError, Effect::kShort}), "OK");
  EXPECT_NE(refused({{.io = IoKind::kSyncDir}, StatusCode::kIOError, Effect::kRevert}), "OK");
  EXPECT_NE(refused({{.nth = 0}}), "OK");
  EXPECT_NE(refused({{}, StatusCode::kIOError, Effect::kFail, 0}), "OK");
  EXPECT_NE(refused({{IoKind::kRead, FileRole::kAny, 1, 5, 5}}), "OK");
  EXPECT_NE(refused({{IoKind::kSync, FileRole::kAny, 1, 5, 6}}), "OK");
  EXPECT_NE(refused({{}, StatusCode::kOk}), "OK");
  EXPECT_EQ(refused({{.io = IoKind::kSync}, StatusCode::kIOError, Effect::kRevert}), "OK");
}

TEST(FaultRules, WordsParseBack) {
  for (int i = 0; i <= static_cast<int>(IoKind::kLock); ++i) {
    EXPECT_EQ(ParseIoKind(NameOf(static_cast<IoKind>(i))), static_cast<IoKind>(i));
  }
  for (int i = 0; i <= static_cast<int>(FileRole::kOther); ++i) {
    EXPECT_EQ(ParseFileRole(NameOf(static_cast<FileRole>(i))), static_cast<FileRole>(i));
  }
  for (int i = 0; i <= static_cast<int>(Effect::kLie); ++i) {
    EXPECT_EQ(ParseEffect(NameOf(static_cast<Effect>(i))), static_cast<Effect>(i));
  }
  EXPECT_EQ(NameOf(IoKind::kLock), "lock");
  EXPECT_EQ(NameOf(FileRole::kDir), "dir");
  EXPECT_EQ(NameOf(Effect::kRevert), "revert");
  EXPECT_EQ(ParseIoKind("fsync"), std::nullopt);
}

}  // namespace
}  // namespace lsm::sim
