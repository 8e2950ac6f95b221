// What a power cut keeps and loses.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

using Lines = std::vector<std::string>;

class Crash : public testing::Test {
 protected:
  Crash() {
    EXPECT_TRUE(env_.CreateDir("/d").ok());
    EXPECT_TRUE(env_.SyncDir("/").ok());
  }

  std::unique_ptr<WritableFile> Create(const std::string& path, uint64_t window = 0) {
    WritableFileOptions options;
    options.io = window == 0 ? IoMode::kPlain : IoMode::kMapped;
    options.preallocate_bytes = window;
    auto file = env_.CreateWritable(path, options);
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return std::move(*file);
  }
  // A file with these bytes, durable, entry and all.
  void Durable(const std::string& path, std::string_view bytes) {
    EXPECT_TRUE(env_.OverwriteFile(path, bytes).ok());
  }
  void Flushed(const std::string& path, std::string_view bytes) {
    const auto file = Create(path);
    EXPECT_TRUE(file->Append(bytes).ok());
    EXPECT_TRUE(file->Close().ok());
  }
  Lines Unsynced() {
    Lines lines;
    for (const UnsyncedUnit& unit : env_.Unsynced()) lines.push_back(unit.ToString());
    return lines;
  }
  std::string Contents(const std::string& path) {
    auto bytes = env_.ReadWholeFile(path);
    return bytes.ok() ? *bytes : "none";
  }
  // Every name in /d with its bytes.
  std::string Listing() {
    std::string image;
    auto names = env_.ListDir("/d");
    for (const std::string& name : *names) image += name + "=" + Contents("/d/" + name) + " ";
    return image;
  }

  SimEnv env_{SimOptions{}};
};

// --- Units ---

TEST_F(Crash, UnitsAreListedByFileThenOffsetThenSizeDirectoriesLast) {
  const auto b = Create("/d/b");
  Flushed("/d/a", std::string(600, 'a'));
  ASSERT_TRUE(b->Append("x").ok());
  ASSERT_TRUE(b->Flush().ok());
  EXPECT_EQ(Unsynced(), (Lines{"/d/b bytes [0, 512)", "/d/b size 1", "/d/a bytes [0, 512)",
                               "/d/a bytes [512, 1024)", "/d/a size 600", "entry /d/b created",
                               "entry /d/a created"}));
}

TEST_F(Crash, SyncCoversBytesAndSizeButNotTheEntry) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("hello").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Unsynced(), (Lines{"entry /d/a created"}));
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "none");
}

TEST_F(Crash, SyncDirCoversEntriesButNotBytes) {
  Flushed("/d/a", "hello");
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  EXPECT_EQ(Unsynced(), (Lines{"/d/a bytes [0, 512)", "/d/a size 5"}));
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "");
}

TEST_F(Crash, BytesThatWereSyncedWithTheirEntrySurvive) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("hello").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  ASSERT_TRUE(file->Append(" world").ok());
  ASSERT_TRUE(file->Flush().ok());
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "hello");
}

TEST_F(Crash, AllUnitsKeptIsAKilledProcess) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("flushed").ok());
  ASSERT_TRUE(file->Flush().ok());
  ASSERT_TRUE(file->Append("buffered").ok());
  env_.CrashNow();
  env_.Restart(Image(env_.Unsynced().size(), true));
  EXPECT_EQ(Contents("/d/a"), "flushed");
}

TEST_F(Crash, SizeWithoutItsSectorReadsAsZeros) {
  Durable("/d/a", "");
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("hello").ok());
  ASSERT_TRUE(file->Flush().ok());
  ASSERT_EQ(Unsynced(), (Lines{"/d/a bytes [0, 512)", "/d/a size 5"}));
  env_.Restart({false, true});
  EXPECT_EQ(Contents("/d/a"), std::string(5, '\0'));
}

TEST_F(Crash, SectorWithoutItsSizeIsCutOff) {
  Durable("/d/a", "");
  Flushed("/d/a", "hello");
  env_.Restart({true, false});
  EXPECT_EQ(Contents("/d/a"), "");
}

TEST_F(Crash, SectorsSurviveOneByOne) {
  Durable("/d/a", "");
  Flushed("/d/a", std::string(512, '1') + std::string(512, '2') + "3");
  env_.Restart({false, true, false, true});
  EXPECT_EQ(Contents("/d/a"),
            std::string(512, '\0') + std::string(512, '2') + std::string(1, '\0'));
}

TEST_F(Crash, SectorRewrittenAfterTruncationIsOldOrNew) {
  Durable("/d/a", "old");
  Flushed("/d/a", "new");
  ASSERT_EQ(Unsynced(), (Lines{"/d/a bytes [0, 512)"}));
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "old");
  Flushed("/d/a", "new");
  env_.Restart({true});
  EXPECT_EQ(Contents("/d/a"), "new");
}

TEST_F(Crash, GrownFileDoesNotShowBytesOfBeforeItsTruncation) {
  Durable("/d/a", "secret");
  ASSERT_TRUE(env_.TruncateFile("/d/a", 0).ok());
  ASSERT_TRUE(env_.TruncateFile("/d/a", 6).ok());
  ASSERT_EQ(Unsynced(), (Lines{"/d/a bytes [0, 512)"}));
  env_.Restart({true});
  EXPECT_EQ(Contents("/d/a"), std::string(6, '\0'));
}

TEST_F(Crash, LostTruncationBringsTheOldBytesBack) {
  Durable("/d/a", "hello");
  ASSERT_TRUE(env_.TruncateFile("/d/a", 2).ok());
  ASSERT_EQ(Unsynced(), (Lines{"/d/a size 2"}));
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "hello");
}

TEST_F(Crash, PreallocationIsASizeThatMaySurviveAlone) {
  const auto file = Create("/d/a", 1024);
  ASSERT_TRUE(file->Append("hello").ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  ASSERT_EQ(Unsynced(), (Lines{"/d/a bytes [0, 512)", "/d/a size 1024"}));
  env_.Restart({false, true});
  EXPECT_EQ(Contents("/d/a"), std::string(1024, '\0'));
}

TEST_F(Crash, MappedBytesMaySurviveWithoutEverBeingPublished) {
  const auto file = Create("/d/a", 512);
  ASSERT_TRUE(file->Append("hello").ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  env_.Restart({true, true});
  EXPECT_EQ(Contents("/d/a"), "hello" + std::string(507, '\0'));
}

// --- Directory operations ---

TEST_F(Crash, RenameIsKeptOrLostAsAWhole) {
  for (const bool kept : {false, true}) {
    Durable("/d/CURRENT", "1");
    Durable("/d/tmp", "2");
    ASSERT_TRUE(env_.RenameFile("/d/tmp", "/d/CURRENT").ok());
    ASSERT_EQ(Unsynced(), (Lines{"entry /d/CURRENT renamed to"}));
    env_.Restart({kept});
    EXPECT_EQ(Listing(), kept ? "CURRENT=2 " : "CURRENT=1 tmp=2 ");
  }
}

TEST_F(Crash, LaterRemovalMaySurviveAnEarlierRenameThatIsLost) {
  Durable("/d/CURRENT", "1");
  Durable("/d/tmp", "2");
  Durable("/d/MANIFEST-1", "m");
  ASSERT_TRUE(env_.RenameFile("/d/tmp", "/d/CURRENT").ok());
  ASSERT_TRUE(env_.RemoveFile("/d/MANIFEST-1").ok());
  env_.Restart({false, true});
  EXPECT_EQ(Listing(), "CURRENT=1 tmp=2 ");
}

TEST_F(Crash, LostRemovalBringsTheFileBack) {
  Durable("/d/a", "bytes");
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "bytes");
}

TEST_F(Crash, KeptRenameShowsTheFileWhoseCreationIsLost) {
  const auto file = Create("/d/tmp");
  ASSERT_TRUE(file->Append("x").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(env_.RenameFile("/d/tmp", "/d/a").ok());
  ASSERT_EQ(Unsynced(), (Lines{"entry /d/tmp created", "entry /d/a renamed to"}));
  env_.Restart({false, true});
  EXPECT_EQ(Listing(), "a=x ");
}

TEST_F(Crash, RenameAcrossDirectoriesMayLeaveBothNames) {
  ASSERT_TRUE(env_.CreateDir("/e").ok());
  ASSERT_TRUE(env_.SyncDir("/").ok());
  Durable("/d/a", "x");
  ASSERT_TRUE(env_.RenameFile("/d/a", "/e/a").ok());
  ASSERT_EQ(Unsynced(), (Lines{"entry /e/a created", "entry /d/a removed"}));
  env_.Restart({true, false});
  EXPECT_EQ(Contents("/d/a"), "x");
  EXPECT_EQ(Contents("/e/a"), "x");
}

TEST_F(Crash, NewDirectoryIsGoneWithItsFilesUnlessItsParentWasSynced) {
  for (const bool synced : {false, true}) {
    ASSERT_TRUE(env_.CreateDir("/d/sub").ok());
    if (synced) {
      ASSERT_TRUE(env_.SyncDir("/d").ok());
    }
    const auto file = Create("/d/sub/a");
    ASSERT_TRUE(file->Append("x").ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(env_.SyncDir("/d/sub").ok());
    env_.Restart({});
    EXPECT_EQ(Contents("/d/sub/a"), synced ? "x" : "none");
    EXPECT_EQ(env_.FileExists("/d/sub"), synced);
  }
}

TEST_F(Crash, RemovedDirectoryComesBackWithWhatWasDurableInIt) {
  ASSERT_TRUE(env_.CreateDir("/d/sub").ok());
  Durable("/d/sub/a", "x");
  ASSERT_TRUE(env_.RemoveFile("/d/sub/a").ok());
  ASSERT_TRUE(env_.RemoveDir("/d/sub").ok());
  ASSERT_TRUE(env_.CreateDir("/d/sub").ok());
  EXPECT_EQ(Contents("/d/sub/a"), "none");
  env_.Restart({});
  EXPECT_EQ(Contents("/d/sub/a"), "x");
}

TEST_F(Crash, KilledProcessLosesItsBuffersAndNothingBecomesDurable) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("flushed").ok());
  ASSERT_TRUE(file->Flush().ok());
  ASSERT_TRUE(file->Append("buffered").ok());
  const Lines before = Unsynced();
  env_.CrashNow();
  env_.RestartProcess();
  EXPECT_FALSE(file->Flush().ok());
  EXPECT_EQ(Contents("/d/a"), "flushed");
  EXPECT_EQ(Unsynced(), before);
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "none");
}

TEST_F(Crash, ImagesOfASmallCaseAreAllSubsets) {
  std::set<std::string> images;
  const auto prepare = [this] {
    Durable("/d/a", "1");
    Durable("/d/b", "2");
    ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
    ASSERT_TRUE(env_.RenameFile("/d/b", "/d/c").ok());
    ASSERT_TRUE(env_.TruncateFile("/d/c", 0).ok());
    ASSERT_EQ(env_.Unsynced().size(), 3u);
  };
  for (unsigned subset = 0; subset < 8; ++subset) {
    prepare();
    env_.Restart({(subset & 1) != 0, (subset & 2) != 0, (subset & 4) != 0});
    images.insert(Listing());
    for (const char* name : {"/d/a", "/d/b", "/d/c"}) env_.RemoveFile(name).IgnoreError();
    ASSERT_TRUE(env_.SyncDir("/d").ok());
  }
  EXPECT_EQ(images, (std::set<std::string>{"a=1 b= ", "a=1 b=2 ", "a=1 c= ", "a=1 c=2 ",
                                           "b= ", "b=2 ", "c= ", "c=2 "}));
}

// --- The cut itself ---

TEST_F(Crash, CrashedOperationAndAllBehindItFailWithoutEffect) {
  const auto file = Create("/d/a");
  env_.CrashAt({.nth = 2});
  ASSERT_TRUE(file->Append("hello").ok());
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(file->Sync().ToString(), "IO error: sync /d/a: simulated power cut");
  EXPECT_TRUE(env_.Crashed());
  EXPECT_EQ(env_.IoCount(), 4u);
  EXPECT_EQ(file->Append("x").ToString(), "IO error: append /d/a: simulated power cut");
  EXPECT_EQ(env_.ListDir("/d").status().ToString(), "IO error: list /d: simulated power cut");
  EXPECT_FALSE(env_.OpenSequential("/d/a").ok());
  EXPECT_FALSE(env_.FileExists("/d/a"));
  EXPECT_FALSE(env_.SyncDir("/d").ok());
  EXPECT_EQ(Unsynced(), (Lines{"/d/a bytes [0, 512)", "/d/a size 5", "entry /d/a created"}));
}

TEST_F(Crash, FilesAndLocksOfBeforeAreDeadAfterARestart) {
  Durable("/d/a", "old");
  const auto writer = Create("/d/b");
  auto reader = env_.OpenRandomAccess("/d/a", IoMode::kMapped);
  auto lock = env_.LockFile("/d/LOCK");
  env_.Restart(Image(env_.Unsynced().size(), true));
  EXPECT_FALSE(writer->Sync().ok());
  EXPECT_FALSE((*reader)->Read(0, 3, nullptr).ok());
  EXPECT_FALSE((*reader)->MappingStatus().ok());
  auto second = env_.LockFile("/d/LOCK");
  ASSERT_TRUE(second.ok());
  (*lock).reset();
  EXPECT_FALSE(env_.LockFile("/d/LOCK").ok()) << "the dead lock released the new one";
}

TEST_F(Crash, RestartForgetsTheCrashPoint) {
  env_.CrashAt({});
  EXPECT_FALSE(env_.SyncDir("/d").ok());
  env_.Restart({});
  EXPECT_TRUE(env_.SyncDir("/d").ok());
  EXPECT_FALSE(env_.Crashed());
}

TEST_F(Crash, RestartedDiskIsDurable) {
  Flushed("/d/a", "hello");
  env_.Restart({true, true, true});
  EXPECT_TRUE(env_.Unsynced().empty());
  env_.Restart({});
  EXPECT_EQ(Listing(), "a=hello ");
}

}  // namespace
}  // namespace lsm::sim
