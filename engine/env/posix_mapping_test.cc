// Faults on mapped pages: files that are cut off behind a mapping.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numeric>

#include "env/sync.h"
#include "env/temp_dir_for_test.h"
#include "lsm/env.h"

namespace lsm {
namespace {

constexpr size_t kFileBytes = 256 << 10;

class PosixMappingTest : public testing::Test {
 protected:
  std::unique_ptr<RandomAccessFile> OpenMapped(const std::string& path) {
    auto writable = env_->CreateWritable(path, {});
    EXPECT_TRUE((*writable)->Append(std::string(kFileBytes, 'x')).ok());
    EXPECT_TRUE((*writable)->Close().ok());
    auto file = env_->OpenRandomAccess(path, IoMode::kMapped);
    EXPECT_TRUE(file.ok() && (*file)->IsMapped());
    return std::move(*file);
  }

  std::unique_ptr<WritableFile> CreateMapped() {
    auto file = env_->CreateWritable(path_, {IoMode::kMapped, 0});
    EXPECT_TRUE(file.ok());
    return std::move(*file);
  }

  static std::string Contents(const RandomAccessFile& file) {
    return std::string(*file.Read(0, kFileBytes, nullptr));
  }

  Env* const env_ = Env::Default();
  const TempDir dir_;
  const std::string path_ = dir_.File("f");
};

TEST_F(PosixMappingTest, ReadBehindATruncationIsZerosAndAnIoErrorThatNamesTheFile) {
  const auto file = OpenMapped(path_);
  ASSERT_TRUE(env_->TruncateFile(path_, 0).ok());
  EXPECT_EQ(Contents(*file), std::string(kFileBytes, '\0'));
  EXPECT_EQ(file->MappingStatus().ToString(),
            "IO error: read mapped " + path_ + ": Input/output error");
}

TEST_F(PosixMappingTest, WhatIsLeftOfATruncatedFileIsReadable) {
  const auto file = OpenMapped(path_);
  ASSERT_TRUE(env_->TruncateFile(path_, kFileBytes / 2).ok());
  EXPECT_EQ(*file->Read(0, kFileBytes / 2, nullptr), std::string(kFileBytes / 2, 'x'));
  EXPECT_TRUE(file->MappingStatus().ok());
}

TEST_F(PosixMappingTest, DamageOfOneFileIsNotThatOfAnother) {
  const auto damaged = OpenMapped(path_);
  const auto other = OpenMapped(dir_.File("other"));
  ASSERT_TRUE(env_->TruncateFile(path_, 0).ok());
  Contents(*damaged);
  EXPECT_EQ(Contents(*other), std::string(kFileBytes, 'x'));
  EXPECT_TRUE(other->MappingStatus().ok());
}

TEST_F(PosixMappingTest, DamageIsForgottenWithTheFile) {
  auto damaged = OpenMapped(path_);
  ASSERT_TRUE(env_->TruncateFile(path_, 0).ok());
  Contents(*damaged);
  damaged.reset();
  const auto next = OpenMapped(dir_.File("next"));
  EXPECT_TRUE(next->MappingStatus().ok());
}

TEST_F(PosixMappingTest, ManyThreadsMayFaultWhileFilesComeAndGo) {
  const auto file = OpenMapped(path_);
  ASSERT_TRUE(env_->TruncateFile(path_, 0).ok());
  {
    std::vector<std::unique_ptr<Thread>> threads;
    constexpr size_t kPart = kFileBytes / 4;
    for (uint64_t part = 0; part < 4; ++part) {
      threads.push_back(env_->StartThread("reader", [&, part] {
        const std::string_view bytes = *file->Read(part * kPart, kPart, nullptr);
        EXPECT_EQ(std::accumulate(bytes.begin(), bytes.end(), 0), 0);
        EXPECT_FALSE(file->MappingStatus().ok());
      }));
    }
    for (int i = 0; i < 50; ++i) OpenMapped(dir_.File("other"));
  }
}

// A third thread cuts the file off: each read is right, or an error, and nobody dies.
TEST_F(PosixMappingTest, AFileThatIsCutOffWhileTwoThreadsReadIsAnErrorToBoth) {
  const auto file = OpenMapped(path_);
  Mutex mu(env_);
  CondVar changed(&mu);
  int began = 0, wrong = 0, errors = 0;
  const auto read = [&] {
    for (bool first = true;; first = false) {
      const std::string bytes = Contents(*file);
      const bool damaged = !file->MappingStatus().ok();
      MutexLock lock(&mu);
      began += first ? 1 : 0;
      changed.SignalAll();
      errors += damaged ? 1 : 0;
      if (damaged) return;
      wrong += bytes == std::string(kFileBytes, 'x') ? 0 : 1;
    }
  };
  {
    const auto one = env_->StartThread("reader", read);
    const auto two = env_->StartThread("reader", read);
    MutexLock lock(&mu);
    while (began < 2) changed.Wait();
    EXPECT_TRUE(env_->TruncateFile(path_, 0).ok());
  }
  EXPECT_EQ(errors, 2);
  EXPECT_EQ(wrong, 0);
}

TEST_F(PosixMappingTest, EveryCallOnALogThatWasCutOffIsAnIoErrorThatNamesIt) {
  const auto log = CreateMapped();
  ASSERT_TRUE(log->Append("before").ok());
  ASSERT_TRUE(env_->TruncateFile(path_, 0).ok());
  const std::string error = "IO error: write mapped " + path_ + ": Input/output error";
  EXPECT_EQ(log->Append("behind").ToString(), error);
  EXPECT_EQ(log->Flush().ToString(), error);
  EXPECT_EQ(log->Sync().ToString(), error);
  EXPECT_EQ(log->Append(std::string(1 << 20, 'x')).ToString(), error);
  EXPECT_EQ(log->Close().ToString(), error);
}

TEST_F(PosixMappingTest, LogThatWasCutOffIsNotMadeLongerAgain) {
  auto log = CreateMapped();
  ASSERT_TRUE(env_->TruncateFile(path_, 0).ok());
  EXPECT_FALSE(log->Append("behind").ok());
  log.reset();
  EXPECT_EQ(*env_->FileSize(path_), 0u);
}

using PosixMappingDeathTest = PosixMappingTest;

TEST_F(PosixMappingDeathTest, FaultOutsideOurMappingsStillEndsTheProcess) {
  const auto file = OpenMapped(path_);
  EXPECT_DEATH(
      {
        const int fd = open(path_.c_str(), O_RDWR);
        auto* foreign =
            static_cast<volatile char*>(mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0));
        if (ftruncate(fd, 0) == 0) static_cast<void>(foreign[0]);
      },
      "");
}

TEST_F(PosixMappingDeathTest, SignalOfAnotherProcessStillEndsTheProcess) {
  const auto file = OpenMapped(path_);
  EXPECT_DEATH(raise(SIGBUS), "");
}

TEST_F(PosixMappingDeathTest, FaultOutsideOurMappingsGoesToTheHandlerOfBefore) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a fresh process: nothing is mapped yet
  EXPECT_EXIT(
      {
        signal(SIGBUS, [](int) { _exit(42); });
        OpenMapped(path_);
        raise(SIGBUS);
      },
      testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace lsm
