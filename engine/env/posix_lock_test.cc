#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env/temp_dir_for_test.h"
#include "lsm/env.h"

namespace lsm {
namespace {

// Takes the lock with bare system calls.
bool TakeRawLock(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT, 0644);
  struct flock request = {};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  return fcntl(fd, F_SETLK, &request) == 0;
}

bool AnotherProcessCanLock(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) _exit(TakeRawLock(path) ? 1 : 0);
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status) == 1;
}

class PosixLockTest : public testing::Test {
 protected:
  Env* const env_ = Env::Default();
  const TempDir dir_;
  const std::string path_ = dir_.File("LOCK");
};

TEST_F(PosixLockTest, ExcludesTheSameProcess) {
  const auto lock = env_->LockFile(path_);
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(env_->LockFile(path_).status().ToString(),
            "Busy: lock " + path_ + ": held by this process");
}

TEST_F(PosixLockTest, ExcludesTheSameProcessUnderAnotherSpelling) {
  const auto lock = env_->LockFile(path_);
  EXPECT_EQ(env_->LockFile(dir_.File("./LOCK")).status().code(), StatusCode::kBusy);
}

TEST_F(PosixLockTest, ExcludesOtherProcesses) {
  const auto lock = env_->LockFile(path_);
  EXPECT_FALSE(AnotherProcessCanLock(path_));
}

TEST_F(PosixLockTest, RefusedAttemptDoesNotLoseTheLock) {
  const auto lock = env_->LockFile(path_);
  EXPECT_FALSE(env_->LockFile(path_).ok());
  EXPECT_FALSE(AnotherProcessCanLock(path_));
}

TEST_F(PosixLockTest, DestructionReleases) {
  auto lock = env_->LockFile(path_);
  (*lock).reset();
  EXPECT_TRUE(AnotherProcessCanLock(path_));
  EXPECT_TRUE(env_->LockFile(path_).ok());
}

TEST_F(PosixLockTest, LocksOfTwoFilesAreIndependent) {
  const auto first = env_->LockFile(path_);
  EXPECT_TRUE(env_->LockFile(dir_.File("LOCK2")).ok());
}

TEST_F(PosixLockTest, IsBusyWhileAnotherProcessHoldsIt) {
  int held[2];
  int done[2];
  ASSERT_EQ(pipe(held), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  char byte = 0;
  if (child == 0) {
    close(done[1]);
    const bool told = TakeRawLock(path_) && write(held[1], "h", 1) == 1;
    _exit(told && read(done[0], &byte, 1) == 0 ? 0 : 1);  // until the parent closes its end
  }
  close(held[1]);
  ASSERT_EQ(read(held[0], &byte, 1), 1);
  EXPECT_EQ(env_->LockFile(path_).status().ToString(),
            "Busy: lock " + path_ + ": held by another process");
  close(held[0]);
  close(done[1]);
  waitpid(child, nullptr, 0);
  close(done[0]);
  EXPECT_TRUE(env_->LockFile(path_).ok());
}

}  // namespace
}  // namespace lsm
