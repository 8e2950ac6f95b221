// Directories, names, locks, time and threads. Files' contents: posix_files_test.cc.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>

#include "env/sync.h"
#include "env/temp_dir_for_test.h"
#include "lsm/env.h"

namespace lsm {
namespace {

class PosixEnvTest : public testing::Test {
 protected:
  void Touch(const std::string& path, std::string_view bytes = "x") {
    auto file = env_->CreateWritable(path, {});
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    ASSERT_TRUE((*file)->Append(bytes).ok());
    ASSERT_TRUE((*file)->Close().ok());
  }

  Env* const env_ = Env::Default();
  const TempDir dir_;
};

TEST_F(PosixEnvTest, FileExistsAndHasItsSize) {
  EXPECT_FALSE(env_->FileExists(dir_.File("a")));
  Touch(dir_.File("a"), "12345");
  EXPECT_TRUE(env_->FileExists(dir_.File("a")));
  EXPECT_EQ(*env_->FileSize(dir_.File("a")), 5u);
}

TEST_F(PosixEnvTest, ErrorsNameOperationFileAndReason) {
  const std::string path = dir_.File("none");
  const std::string reason = path + ": No such file or directory";
  EXPECT_EQ(env_->OpenSequential(path).status().ToString(), "Not found: open " + reason);
  EXPECT_EQ(env_->OpenRandomAccess(path, IoMode::kMapped).status().ToString(),
            "Not found: open " + reason);
  EXPECT_EQ(env_->FileSize(path).status().ToString(), "Not found: stat " + reason);
  EXPECT_EQ(env_->RemoveFile(path).ToString(), "Not found: remove " + reason);
  EXPECT_EQ(env_->TruncateFile(path, 0).ToString(), "Not found: truncate " + reason);
  EXPECT_EQ(env_->ListDir(path).status().ToString(), "IO error: list " + reason);
  EXPECT_EQ(env_->RemoveDir(path).ToString(), "IO error: remove directory " + reason);
  EXPECT_EQ(env_->SyncDir(path).ToString(), "IO error: open " + reason);
  EXPECT_EQ(env_->RenameFile(path, "/x").ToString(),
            "Not found: rename " + path + " to /x: No such file or directory");
}

TEST_F(PosixEnvTest, CreatingInAMissingDirectoryIsAnIoErrorAndNotAMissingFile) {
  const std::string path = dir_.File("none/f");
  EXPECT_EQ(env_->CreateWritable(path, {}).status().code(), StatusCode::kIOError);
  EXPECT_EQ(env_->LockFile(path).status().code(), StatusCode::kIOError);
  EXPECT_EQ(env_->CreateDir(path).code(), StatusCode::kIOError);
}

TEST_F(PosixEnvTest, RenameReplacesTheTarget) {
  Touch(dir_.File("a"), "new");
  Touch(dir_.File("b"), "older");
  ASSERT_TRUE(env_->RenameFile(dir_.File("a"), dir_.File("b")).ok());
  EXPECT_FALSE(env_->FileExists(dir_.File("a")));
  EXPECT_EQ(*env_->FileSize(dir_.File("b")), 3u);
}

TEST_F(PosixEnvTest, LinkedFileOutlivesItsFirstName) {
  Touch(dir_.File("a"), "123");
  ASSERT_TRUE(env_->LinkFile(dir_.File("a"), dir_.File("b")).ok());
  ASSERT_TRUE(env_->RemoveFile(dir_.File("a")).ok());
  EXPECT_EQ(*env_->FileSize(dir_.File("b")), 3u);
}

TEST_F(PosixEnvTest, LinkDoesNotReplace) {
  Touch(dir_.File("a"));
  Touch(dir_.File("b"));
  EXPECT_EQ(env_->LinkFile(dir_.File("a"), dir_.File("b")).code(), StatusCode::kIOError);
}

TEST_F(PosixEnvTest, LinkToAnotherFileSystemIsNotSupported) {
  EXPECT_EQ(env_->LinkFile("/proc/self/status", dir_.File("b")).code(), StatusCode::kNotSupported);
}

TEST_F(PosixEnvTest, TruncateCutsTheFile) {
  Touch(dir_.File("a"), "12345");
  ASSERT_TRUE(env_->TruncateFile(dir_.File("a"), 2).ok());
  EXPECT_EQ(*env_->FileSize(dir_.File("a")), 2u);
}

TEST_F(PosixEnvTest, CreateDirIsOkIfItExistsButNotOverAFile) {
  EXPECT_TRUE(env_->CreateDir(dir_.File("sub")).ok());
  EXPECT_TRUE(env_->CreateDir(dir_.File("sub")).ok());
  Touch(dir_.File("file"));
  EXPECT_EQ(env_->CreateDir(dir_.File("file")).code(), StatusCode::kIOError);
}

TEST_F(PosixEnvTest, RemoveDirRefusesWhatIsNotEmpty) {
  ASSERT_TRUE(env_->CreateDir(dir_.File("sub")).ok());
  Touch(dir_.File("sub/f"));
  EXPECT_EQ(env_->RemoveDir(dir_.File("sub")).code(), StatusCode::kIOError);
  ASSERT_TRUE(env_->RemoveFile(dir_.File("sub/f")).ok());
  EXPECT_TRUE(env_->RemoveDir(dir_.File("sub")).ok());
}

TEST_F(PosixEnvTest, ListDirIsSorted) {
  for (const char* name : {"b", "a10", "a9", ".hidden", "C"}) Touch(dir_.File(name));
  EXPECT_EQ(*env_->ListDir(dir_.path()),
            (std::vector<std::string>{".hidden", "C", "a10", "a9", "b"}));
}

TEST_F(PosixEnvTest, ListDirOfAFileIsAnIoError) {
  Touch(dir_.File("file"));
  EXPECT_EQ(env_->ListDir(dir_.File("file")).status().code(), StatusCode::kIOError);
}

TEST_F(PosixEnvTest, SyncDirWorksOnADirectoryOnly) {
  Touch(dir_.File("file"));
  EXPECT_TRUE(env_->SyncDir(dir_.path()).ok());
  EXPECT_EQ(env_->SyncDir(dir_.File("file")).code(), StatusCode::kIOError);
}

TEST_F(PosixEnvTest, TimeNeverGoesBack) {
  uint64_t last = env_->NowMicros();
  for (int i = 0; i < 1000; ++i) {
    const uint64_t now = env_->NowMicros();
    EXPECT_GE(now, last);
    last = now;
  }
}

TEST_F(PosixEnvTest, SleepTakesAtLeastItsTime) {
  const uint64_t start = env_->NowMicros();
  env_->SleepMicros(50);
  EXPECT_GE(env_->NowMicros() - start, 50u);
}

TEST_F(PosixEnvTest, SeedsDiffer) { EXPECT_NE(env_->RandomSeed(), env_->RandomSeed()); }

TEST_F(PosixEnvTest, DestroyingAThreadJoinsIt) {
  std::atomic<int> ran{0};
  {
    const auto first = env_->StartThread("first", [&] { ++ran; });
    const auto second = env_->StartThread("second", [&] { ++ran; });
  }
  EXPECT_EQ(ran, 2);
}

TEST_F(PosixEnvTest, ThreadBearsItsNameCutToWhatTheMachineAllows) {
  char name[16] = "";
  env_->StartThread("compaction-of-level-1",
                    [&] { pthread_getname_np(pthread_self(), name, sizeof(name)); })
      .reset();
  EXPECT_STREQ(name, "compaction-of-l");
}

TEST_F(PosixEnvTest, ConditionPassesBetweenThreads) {
  Mutex mu(env_);
  CondVar changed(&mu);
  int turn = 0;
  const auto other = env_->StartThread("other", [&] {
    MutexLock lock(&mu);
    while (turn != 1) changed.Wait();
    turn = 2;
    changed.SignalAll();
  });
  MutexLock lock(&mu);
  turn = 1;
  changed.Signal();
  while (turn != 2) changed.WaitFor(UINT64_MAX - 1);  // as good as no limit
  EXPECT_EQ(turn, 2);
}

TEST_F(PosixEnvTest, WaitEndsAtItsLimit) {
  Mutex mu(env_);
  CondVar never(&mu);
  MutexLock lock(&mu);
  while (never.WaitFor(1)) {  // spurious wake-ups are allowed
  }
}

TEST_F(PosixEnvTest, MutexUnlockOpensAGap) {
  Mutex mu(env_);
  MutexLock lock(&mu);
  bool entered = false;
  {
    MutexUnlock gap(&mu);
    env_->StartThread("guest",
                      [&] {
                        MutexLock guest(&mu);
                        entered = true;
                      })
        .reset();
  }
  EXPECT_TRUE(entered);
}

}  // namespace
}  // namespace lsm
