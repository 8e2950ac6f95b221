// That faults really do what they say, to plain and to mapped files: what readers see, what a power
// cut leaves, what the next call returns.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

using Lines = std::vector<std::string>;

constexpr char kLog[] = "/d/000003.log";
constexpr char kInjected[] = "IO error: sync /d/000003.log: injected";

class FaultEffects : public testing::TestWithParam<IoMode> {
 protected:
  FaultEffects() {
    EXPECT_TRUE(env_.CreateDir("/d").ok());
    EXPECT_TRUE(env_.SyncDir("/").ok());
  }

  bool mapped() const { return GetParam() == IoMode::kMapped; }
  // Its entry is durable, and so is its size where that is a window.
  std::unique_ptr<WritableFile> Create(const std::string& path = kLog) {
    auto file = env_.CreateWritable(path, {GetParam(), 4096});
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    EXPECT_TRUE((*file)->Sync().ok());
    EXPECT_TRUE(env_.SyncDir("/d").ok());
    return std::move(*file);
  }
  size_t Arm(IoKind kind, Effect effect, uint64_t bytes = 0) {
    return env_.AddFault({{.io = kind}, StatusCode::kIOError, effect, 1, bytes});
  }
  // The file's bytes up to the first zero: a mapped file has zeros behind what was written.
  std::string Text(const std::string& path = kLog) {
    auto bytes = env_.ReadWholeFile(path);
    return bytes.ok() ? bytes->substr(0, bytes->find('\0')) : "none";
  }
  std::string TextAfterCut(const std::string& path = kLog) {
    env_.Restart({});
    return Text(path);
  }

  SimEnv env_{SimOptions{}};
};

INSTANTIATE_TEST_SUITE_P(Plain, FaultEffects, testing::Values(IoMode::kPlain));
INSTANTIATE_TEST_SUITE_P(Mapped, FaultEffects, testing::Values(IoMode::kMapped));

// --- Append ---

TEST_P(FaultEffects, FailedAppendDoesNotReachAPlainFileAndIsNotTriedAgain) {
  const auto file = Create();
  const size_t fault = Arm(IoKind::kAppend, Effect::kFail);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_FALSE(file->Flush().ok());
  EXPECT_EQ(env_.Struck(fault), 1u);
  EXPECT_TRUE(file->Flush().ok());
  // The bytes of a mapped file are in it before they are published.
  EXPECT_EQ(Text(), mapped() ? "abc" : "");
}

TEST_P(FaultEffects, AppendThatFailedAndHappenedReachedTheFile) {
  const auto file = Create();
  Arm(IoKind::kAppend, Effect::kDone);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_FALSE(file->Flush().ok());
  EXPECT_EQ(Text(), "abc");
}

TEST_P(FaultEffects, OnlyThePrefixOfAShortAppendEverReachesTheFile) {
  const auto file = Create();
  ASSERT_TRUE(file->Append("01").ok());
  ASSERT_TRUE(file->Flush().ok());
  Arm(IoKind::kAppend, Effect::kShort, 2);
  ASSERT_TRUE(file->Append("abcdef").ok());
  EXPECT_FALSE(file->Flush().ok());
  EXPECT_EQ(Text(), "01ab");
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(TextAfterCut(), "01ab");
}

TEST_P(FaultEffects, ShortAppendIsAlwaysShort) {
  const auto file = Create();
  Arm(IoKind::kAppend, Effect::kShort, 1000);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_FALSE(file->Flush().ok());
  EXPECT_EQ(Text(), "ab");
}

// --- Sync ---

TEST_P(FaultEffects, FailedSyncThatLeavesPagesDirtyCanBeTriedAgain) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kFail);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_EQ(file->Sync().ToString(), kInjected);
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(TextAfterCut(), "abc");
}

TEST_P(FaultEffects, FailedSyncMakesNothingDurable) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kFail);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_EQ(TextAfterCut(), "");
}

TEST_P(FaultEffects, SyncThatFailedAndHappenedIsDurable) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kDone);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_EQ(file->Sync().ToString(), kInjected);
  EXPECT_EQ(TextAfterCut(), "abc");
}

TEST_P(FaultEffects, PagesOfAFailedSyncAreSeenButNoLaterSyncWritesThem) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kKeep);
  ASSERT_TRUE(file->Append(std::string(512, 'a')).ok());
  EXPECT_EQ(file->Sync().ToString(), kInjected);
  ASSERT_TRUE(file->Append("bbb").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(Text(), std::string(512, 'a') + "bbb");
  env_.Restart({});
  EXPECT_EQ(env_.ReadWholeFile(kLog)->substr(0, 515), std::string(512, '\0') + "bbb");
}

TEST_P(FaultEffects, PagesOfAFailedSyncAreWrittenWhenTheyAreWrittenToAgain) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kKeep);
  ASSERT_TRUE(file->Append("aaa").ok());
  EXPECT_FALSE(file->Sync().ok());
  ASSERT_TRUE(file->Append("bbb").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(TextAfterCut(), "aaabbb");
}

TEST_P(FaultEffects, PagesOfAFailedSyncMaySurviveACutAllTheSame) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kKeep);
  ASSERT_TRUE(file->Append("aaa").ok());
  EXPECT_FALSE(file->Sync().ok());
  env_.Restart(Image(env_.Unsynced().size(), true));
  EXPECT_EQ(Text(), "aaa");
}

TEST_P(FaultEffects, PagesOfAFailedSyncMayReadAsOnTheDevice) {
  const auto file = Create();
  ASSERT_TRUE(file->Append("durable").ok());
  ASSERT_TRUE(file->Sync().ok());
  Arm(IoKind::kSync, Effect::kRevert);
  ASSERT_TRUE(file->Append(" lost").ok());
  EXPECT_EQ(file->Sync().ToString(), kInjected);
  EXPECT_EQ(Text(), "durable");
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(TextAfterCut(), "durable");
}

TEST_P(FaultEffects, LateErrorIsReportedByTheNextSync) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kLate);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(file->Sync().ToString(), kInjected);
  EXPECT_TRUE(file->Sync().ok()) << "it is reported once";
  EXPECT_EQ(Text(), "abc");
  EXPECT_EQ(TextAfterCut(), "");
}

TEST_P(FaultEffects, LateErrorIsReportedByClose) {
  const auto file = Create();
  Arm(IoKind::kSync, Effect::kLate);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(file->Close().ToString(), kInjected);
}

TEST_P(FaultEffects, LyingSyncSaysOkAndMakesNothingDurable) {
  const auto file = Create();
  const size_t fault = Arm(IoKind::kSync, Effect::kLie);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(env_.Struck(fault), 1u);
  EXPECT_EQ(env_.DirtyFiles(), (Lines{kLog}));
  EXPECT_EQ(TextAfterCut(), "");
}

// --- Close ---

TEST_P(FaultEffects, FailedCloseClosesButGivesNoSpaceBack) {
  const auto file = Create();
  ASSERT_TRUE(file->Append("abc").ok());
  Arm(IoKind::kClose, Effect::kFail);
  EXPECT_EQ(file->Close().ToString(), "IO error: close /d/000003.log: injected");
  EXPECT_TRUE(env_.OpenHandles().empty());
  EXPECT_FALSE(file->Append("x").ok());
  EXPECT_TRUE(file->Close().ok()) << "as a second close of a closed file";
  EXPECT_EQ(*env_.FileSize(kLog), mapped() ? 4096u : 3u);
}

TEST_P(FaultEffects, CloseThatFailedAndHappenedGaveTheSpaceBack) {
  const auto file = Create();
  ASSERT_TRUE(file->Append("abc").ok());
  Arm(IoKind::kClose, Effect::kDone);
  EXPECT_FALSE(file->Close().ok());
  EXPECT_EQ(*env_.FileSize(kLog), 3u);
}

// --- Entries ---

TEST_P(FaultEffects, OperationsOnEntriesFailBeforeOrAfterTheyHappened) {
  for (const Effect effect : {Effect::kFail, Effect::kDone}) {
    const bool done = effect == Effect::kDone;
    ASSERT_TRUE(env_.OverwriteFile("/d/a", "x").ok());
    Arm(IoKind::kCreate, effect);
    EXPECT_FALSE(env_.CreateWritable("/d/new", {GetParam(), 0}).ok());
    EXPECT_EQ(env_.FileExists("/d/new"), done);
    Arm(IoKind::kLink, effect);
    EXPECT_FALSE(env_.LinkFile("/d/a", "/d/link").ok());
    EXPECT_EQ(env_.FileExists("/d/link"), done);
    Arm(IoKind::kTruncate, effect);
    EXPECT_FALSE(env_.TruncateFile("/d/a", 0).ok());
    EXPECT_EQ(Text("/d/a"), done ? "" : "x");
    Arm(IoKind::kRename, effect);
    EXPECT_FALSE(env_.RenameFile("/d/a", "/d/b").ok());
    EXPECT_EQ(env_.FileExists("/d/b"), done);
    Arm(IoKind::kRemove, effect);
    EXPECT_FALSE(env_.RemoveFile(done ? "/d/b" : "/d/a").ok());
    EXPECT_EQ(env_.FileExists("/d/a") || env_.FileExists("/d/b"), !done);
    EXPECT_TRUE(env_.OpenHandles().empty());
  }
}

TEST_P(FaultEffects, SyncsOfADirectoryFailInTheirOwnWays) {
  struct Case {
    Effect effect;
    bool ok, next_ok;               // this sync, and the next
    bool durable, durable_by_next;  // what was created before
  };
  for (const Case& c :
       {Case{Effect::kFail, false, true, false, true}, Case{Effect::kDone, false, true, true, true},
        Case{Effect::kKeep, false, true, false, false},
        Case{Effect::kLate, true, false, false, false},
        Case{Effect::kLie, true, true, false, true}}) {
    for (const bool again : {false, true}) {
      SCOPED_TRACE(std::string(NameOf(c.effect)) + (again ? " again" : ""));
      ASSERT_TRUE(env_.CreateWritable("/d/a", {GetParam(), 0}).ok());
      Arm(IoKind::kSyncDir, c.effect);
      EXPECT_EQ(env_.SyncDir("/d").ok(), c.ok);
      EXPECT_TRUE(env_.FileExists("/d/a"));
      if (again) {
        EXPECT_EQ(env_.SyncDir("/d").ok(), c.next_ok);
      }
      env_.Restart({});
      EXPECT_EQ(env_.FileExists("/d/a"), again ? c.durable_by_next : c.durable);
      env_.RemoveFile("/d/a").IgnoreError();  // it may not be there
      ASSERT_TRUE(env_.SyncDir("/d").ok());
    }
  }
}

TEST_P(FaultEffects, WhatASyncOfADirectoryDroppedMaySurviveACut) {
  ASSERT_TRUE(env_.CreateWritable("/d/a", {GetParam(), 0}).ok());
  Arm(IoKind::kSyncDir, Effect::kKeep);
  EXPECT_FALSE(env_.SyncDir("/d").ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  EXPECT_EQ(env_.DirtyDirs(), (Lines{"/d"}));
  env_.Restart(Image(env_.Unsynced().size(), true));
  EXPECT_TRUE(env_.FileExists("/d/a"));
}

// --- Reads ---

TEST_P(FaultEffects, FailedReadOfAPlainFileIsAnErrorAndOfAMappedOneZerosAndAStatus) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "abcdef").ok());
  auto file = env_.OpenRandomAccess("/d/a", GetParam());
  ASSERT_TRUE(file.ok());
  char scratch[4];
  Arm(IoKind::kRead, Effect::kFail);
  const auto bytes = (*file)->Read(1, 4, scratch);
  EXPECT_EQ(bytes.ok(), mapped());
  if (mapped()) {
    EXPECT_EQ(*bytes, std::string(4, '\0'));
  }
  EXPECT_EQ((*file)->MappingStatus().ok(), !mapped());
  EXPECT_EQ(*(*file)->Read(1, 4, scratch), "bcde");
}

TEST_P(FaultEffects, ShortReadOfAPlainFileIsALieAndOfAMappedOneIsSeen) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "abcdef").ok());
  auto file = env_.OpenRandomAccess("/d/a", GetParam());
  ASSERT_TRUE(file.ok());
  char scratch[6];
  Arm(IoKind::kRead, Effect::kShort, 2);
  EXPECT_EQ(*(*file)->Read(0, 6, scratch), mapped() ? std::string("ab\0\0\0\0", 6) : "ab");
  EXPECT_EQ((*file)->MappingStatus().ok(), !mapped());
}

class Reads : public testing::Test {
 protected:
  Reads() {
    EXPECT_TRUE(env_.CreateDir("/d").ok());
    EXPECT_TRUE(env_.OverwriteFile("/d/a", "abcdef").ok());
  }
  SimEnv env_{SimOptions{}};
};

TEST_F(Reads, SequentialReadFailsOrIsShort) {
  auto file = env_.OpenSequential("/d/a");
  char scratch[6];
  env_.AddFault({{.io = IoKind::kRead}});
  EXPECT_FALSE((*file)->Read(3, scratch).ok());
  env_.AddFault({{.io = IoKind::kRead}, StatusCode::kIOError, Effect::kShort, 1, 1});
  EXPECT_EQ(*(*file)->Read(3, scratch), 1u);
  EXPECT_EQ(*(*file)->Read(6, scratch), 5u) << "a failed read takes nothing";
  EXPECT_EQ(std::string(scratch, 5), "bcdef");
}

// Whoever looks at more than he was given does not find what stood there before.
TEST_F(Reads, ScratchBehindTheAnswerIsScrambled) {
  const std::string before = "------";
  std::string scratch = before;
  auto random = env_.OpenRandomAccess("/d/a", IoMode::kPlain);
  EXPECT_EQ(*(*random)->Read(4, 6, scratch.data()), "ef");
  EXPECT_EQ(scratch, "ef\xdb\xdb\xdb\xdb");
  scratch = before;
  env_.AddFault({{.io = IoKind::kRead}});
  EXPECT_FALSE((*random)->Read(0, 6, scratch.data()).ok());
  EXPECT_EQ(scratch, "\xdb\xdb\xdb\xdb\xdb\xdb");
}

TEST_F(Reads, OpenListAndLockFailToo) {
  for (const IoKind kind : {IoKind::kOpen, IoKind::kList, IoKind::kLock}) {
    env_.AddFault({{.io = kind}, StatusCode::kIOError, Effect::kFail, kForever});
  }
  EXPECT_FALSE(env_.OpenSequential("/d/a").ok());
  EXPECT_FALSE(env_.OpenRandomAccess("/d/a", IoMode::kMapped).ok());
  EXPECT_FALSE(env_.FileSize("/d/a").ok());
  EXPECT_FALSE(env_.ListDir("/d").ok());
  EXPECT_FALSE(env_.LockFile("/d/LOCK").ok());
  EXPECT_FALSE(env_.FileExists("/d/LOCK"));
}

}  // namespace
}  // namespace lsm::sim
