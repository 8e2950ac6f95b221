// System calls that a signal interrupts (EINTR), or that do less than was asked for, are continued
// below Env: whoever stands above never sees them. The linker puts the functions of this file in
// the place of the C library's (--wrap, engine/CMakeLists.txt).
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <memory>
#include <string>

#include "env/temp_dir_for_test.h"
#include "lsm/env.h"

namespace lsm {
namespace {

enum class Call { kOpen, kWrite, kPread, kFdatasync, kFsync, kFallocate, kFtruncate, kClose };

// What one kind of call suffers, and whether it did. Tests of one thread only.
struct Disturbance {
  Call call;
  int interrupts = 0;    // so many calls are interrupted first
  size_t bytes_max = 0;  // then no call transfers more than this; 0: as it wants
  int error = 0;         // then, after `calls_before_error` calls, they fail
  int calls_before_error = 0;
  int calls = 0, interrupted = 0, shortened = 0;
};
Disturbance* active = nullptr;

class Disturb {
 public:
  explicit Disturb(Disturbance* disturbance) { active = disturbance; }
  ~Disturb() { active = nullptr; }
};

// True if the call is to return -1; errno is set.
bool Fails(Call call) {
  if (active == nullptr || active->call != call) return false;
  ++active->calls;
  if (active->interrupts > 0) {
    --active->interrupts;
    ++active->interrupted;
    errno = EINTR;
    return true;
  }
  if (active->error == 0 || active->calls_before_error-- > 0) return false;
  errno = active->error;
  return true;
}

size_t Shorten(Call call, size_t n) {
  if (active == nullptr || active->call != call || active->bytes_max == 0) return n;
  if (n > active->bytes_max) ++active->shortened;
  return std::min(n, active->bytes_max);
}

}  // namespace

extern "C" {
int __real_open(const char* path, int flags, ...);
ssize_t __real_write(int fd, const void* data, size_t n);
ssize_t __real_pread(int fd, void* to, size_t n, off_t offset);
int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_fallocate(int fd, int mode, off_t offset, off_t n);
int __real_ftruncate(int fd, off_t size);
int __real_close(int fd);

int __wrap_open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = va_arg(arguments, int);
  va_end(arguments);
  return Fails(Call::kOpen) ? -1 : __real_open(path, flags, mode);
}
ssize_t __wrap_write(int fd, const void* data, size_t n) {
  return Fails(Call::kWrite) ? -1 : __real_write(fd, data, Shorten(Call::kWrite, n));
}
ssize_t __wrap_pread(int fd, void* to, size_t n, off_t offset) {
  return Fails(Call::kPread) ? -1 : __real_pread(fd, to, Shorten(Call::kPread, n), offset);
}
int __wrap_fdatasync(int fd) { return Fails(Call::kFdatasync) ? -1 : __real_fdatasync(fd); }
int __wrap_fsync(int fd) { return Fails(Call::kFsync) ? -1 : __real_fsync(fd); }
int __wrap_fallocate(int fd, int mode, off_t offset, off_t n) {
  return Fails(Call::kFallocate) ? -1 : __real_fallocate(fd, mode, offset, n);
}
int __wrap_ftruncate(int fd, off_t size) {
  return Fails(Call::kFtruncate) ? -1 : __real_ftruncate(fd, size);
}
// As on Linux: the descriptor is gone, whatever close returns.
int __wrap_close(int fd) {
  const int result = __real_close(fd);
  return Fails(Call::kClose) ? -1 : result;
}
}  // extern "C"

namespace {

class Interrupted : public testing::TestWithParam<IoMode> {
 protected:
  std::unique_ptr<WritableFile> Create() {
    auto file = env_->CreateWritable(path_, {GetParam(), 0});
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return std::move(*file);
  }
  std::string Read() {
    auto file = env_->OpenSequential(path_);
    if (!file.ok()) return file.status().ToString();
    std::string bytes(bytes_.size() + 1, '\0');
    auto n = (*file)->Read(bytes.size(), bytes.data());
    return n.ok() ? bytes.substr(0, *n) : n.status().ToString();
  }

  Env* const env_ = Env::Default();
  const TempDir dir_;
  const std::string path_ = dir_.File("file");
  const std::string bytes_ = std::string(100'000, 'a') + std::string(100'000, 'b') + "c";
};

INSTANTIATE_TEST_SUITE_P(Plain, Interrupted, testing::Values(IoMode::kPlain));
INSTANTIATE_TEST_SUITE_P(Mapped, Interrupted, testing::Values(IoMode::kMapped));

TEST_P(Interrupted, FilesAreOpenedSyncedAndClosedAllTheSame) {
  for (const Call call : {Call::kOpen, Call::kFdatasync, Call::kFallocate, Call::kFtruncate}) {
    if (GetParam() == IoMode::kPlain && call >= Call::kFallocate) continue;
    Disturbance disturbance{call, 3};
    {
      const Disturb disturb(&disturbance);
      const auto file = Create();
      ASSERT_TRUE(file->Append(bytes_).ok());
      EXPECT_TRUE(file->Sync().ok());
      EXPECT_TRUE(file->Close().ok());
    }
    EXPECT_EQ(disturbance.interrupted, 3) << static_cast<int>(call);
    EXPECT_EQ(Read(), bytes_);
  }
}

TEST_P(Interrupted, CloseIsNotRepeated) {
  const auto file = Create();
  Disturbance disturbance{Call::kClose, 1};
  const Disturb disturb(&disturbance);
  EXPECT_TRUE(file->Close().ok());
  EXPECT_EQ(disturbance.interrupted, 1);
  EXPECT_EQ(disturbance.calls, 1) << "the descriptor may be another thread's by then";
}

TEST_P(Interrupted, ErrorsAreNotTakenForInterruptions) {
  for (const Call call : {Call::kFdatasync, Call::kClose}) {
    const auto file = Create();
    ASSERT_TRUE(file->Append(bytes_).ok());
    Disturbance disturbance{call, 1, 0, EIO};
    if (call == Call::kClose) disturbance.interrupts = 0;
    const Disturb disturb(&disturbance);
    const Status status = call == Call::kClose ? file->Close() : file->Sync();
    EXPECT_EQ(status.code(), StatusCode::kIOError) << status.ToString();
    EXPECT_NE(status.message().find(path_), std::string::npos) << status.ToString();
  }
}

class InterruptedBytes : public Interrupted {};
INSTANTIATE_TEST_SUITE_P(Plain, InterruptedBytes, testing::Values(IoMode::kPlain));

TEST_P(InterruptedBytes, ShortAndInterruptedWritesAreContinued) {
  Disturbance disturbance{Call::kWrite, 5, 777};
  {
    const Disturb disturb(&disturbance);
    const auto file = Create();
    ASSERT_TRUE(file->Append(bytes_).ok());
    ASSERT_TRUE(file->Close().ok());
  }
  EXPECT_EQ(disturbance.interrupted, 5);
  EXPECT_GT(disturbance.shortened, 200);
  EXPECT_EQ(Read(), bytes_);
}

TEST_P(InterruptedBytes, ShortAndInterruptedReadsAreContinued) {
  const auto file = Create();
  ASSERT_TRUE(file->Append(bytes_).ok());
  ASSERT_TRUE(file->Close().ok());
  Disturbance disturbance{Call::kPread, 5, 777};
  const Disturb disturb(&disturbance);
  EXPECT_EQ(Read(), bytes_);
  EXPECT_EQ(disturbance.interrupted, 5);
  EXPECT_GT(disturbance.shortened, 200);
  auto random = env_->OpenRandomAccess(path_, IoMode::kPlain);
  ASSERT_TRUE(random.ok());
  disturbance.interrupts = 1;
  std::string scratch(2000, '\0');
  EXPECT_EQ(*(*random)->Read(99'000, 2000, scratch.data()), bytes_.substr(99'000, 2000));
  EXPECT_EQ(disturbance.interrupted, 6);
}

TEST_P(InterruptedBytes, DiskThatFillsUpWithinAWriteIsAnErrorBehindAPrefix) {
  Disturbance disturbance{Call::kWrite, 0, 777, ENOSPC, 2};
  {
    const Disturb disturb(&disturbance);
    const auto file = Create();
    ASSERT_TRUE(file->Append("0123456789" + bytes_.substr(0, 5000)).ok());
    EXPECT_EQ(file->Flush().code(), StatusCode::kNoSpace);
  }
  EXPECT_EQ(Read().size(), 2u * 777);
}

TEST_P(InterruptedBytes, DirectoryIsSyncedAllTheSame) {
  Disturbance disturbance{Call::kFsync, 4};
  const Disturb disturb(&disturbance);
  EXPECT_TRUE(env_->SyncDir(dir_.path()).ok());
  EXPECT_EQ(disturbance.interrupted, 4);
  disturbance.error = EIO;
  EXPECT_EQ(env_->SyncDir(dir_.path()).code(), StatusCode::kIOError);
}

}  // namespace
}  // namespace lsm
