// Contents of files, with plain and with mapped input and output.
#include <gtest/gtest.h>

#include "env/temp_dir_for_test.h"
#include "lsm/env.h"

namespace lsm {
namespace {

std::string Pattern(size_t n) {
  std::string bytes(n, '\0');
  for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<char>('!' + (i * 31 + i / 251) % 90);
  return bytes;
}

std::string ReadAll(const std::string& path) {
  auto file = Env::Default()->OpenSequential(path);
  if (!file.ok()) return file.status().ToString();
  std::string bytes;
  char buffer[10000];
  while (true) {
    const Result<size_t> count = (*file)->Read(sizeof(buffer), buffer);
    if (!count.ok()) return count.status().ToString();
    if (*count == 0) return bytes;
    bytes.append(buffer, *count);
  }
}

class PosixFilesTest : public testing::TestWithParam<IoMode> {
 protected:
  std::unique_ptr<WritableFile> Create() {
    auto file = env_->CreateWritable(path_, {GetParam(), 0});
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return std::move(*file);
  }

  std::unique_ptr<RandomAccessFile> OpenWith(std::string_view bytes) {
    auto writable = Create();
    EXPECT_TRUE(writable->Append(bytes).ok());
    EXPECT_TRUE(writable->Close().ok());
    auto file = env_->OpenRandomAccess(path_, GetParam());
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return std::move(*file);
  }

  Env* const env_ = Env::Default();
  const TempDir dir_;
  const std::string path_ = dir_.File("f");
};

INSTANTIATE_TEST_SUITE_P(IoModes, PosixFilesTest, testing::Values(IoMode::kPlain, IoMode::kMapped),
                         [](const auto& mode) {
                           return mode.param == IoMode::kPlain ? "Plain" : "Mapped";
                         });

TEST_P(PosixFilesTest, AppendsOfEverySizeComeBackInOrder) {
  const std::string bytes = Pattern(5 << 20);  // beyond several buffers and windows
  auto file = Create();
  size_t done = 0;
  for (size_t n = 0; done < bytes.size(); n = n * 2 % 1'000'003 + 1) {
    ASSERT_TRUE(file->Append(std::string_view(bytes).substr(done, n)).ok());
    done += n;
  }
  ASSERT_TRUE(file->Close().ok());
  EXPECT_TRUE(ReadAll(path_) == bytes);
}

TEST_P(PosixFilesTest, CreateEmptiesAnExistingFile) {
  OpenWith("old contents");
  ASSERT_TRUE(Create()->Close().ok());
  EXPECT_EQ(*env_->FileSize(path_), 0u);
}

TEST_P(PosixFilesTest, FlushedBytesAreSeenWhileTheFileIsOpen) {
  auto file = Create();
  ASSERT_TRUE(file->Append("flushed").ok());
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(ReadAll(path_).substr(0, 7), "flushed");
}

TEST_P(PosixFilesTest, SyncedBytesAreSeenWhileTheFileIsOpen) {
  auto file = Create();
  ASSERT_TRUE(file->Append("synced").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(ReadAll(path_).substr(0, 6), "synced");
}

TEST_P(PosixFilesTest, FlushedBytesSurviveDestructionWithoutClose) {
  auto file = Create();
  ASSERT_TRUE(file->Append("flushed").ok());
  ASSERT_TRUE(file->Flush().ok());
  file.reset();
  EXPECT_EQ(ReadAll(path_), "flushed");
}

TEST_P(PosixFilesTest, CloseTwiceIsOk) {
  auto file = Create();
  EXPECT_TRUE(file->Close().ok());
  EXPECT_TRUE(file->Close().ok());
}

TEST_P(PosixFilesTest, OpenFileMayBeRemoved) {
  auto file = Create();
  ASSERT_TRUE(env_->RemoveFile(path_).ok());
  EXPECT_TRUE(file->Append("x").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(file->Close().ok());
}

TEST_P(PosixFilesTest, RandomReadsAnswerAnyRange) {
  const std::string bytes = Pattern(10'000);
  const auto file = OpenWith(bytes);
  EXPECT_EQ(file->Size(), bytes.size());
  EXPECT_EQ(file->IsMapped(), GetParam() == IoMode::kMapped);
  std::string scratch(bytes.size(), '\0');
  for (const size_t offset : {0, 1, 4095, 4096, 9999}) {
    for (const size_t n : {0, 1, 100, 5000}) {
      EXPECT_EQ(*file->Read(offset, n, scratch.data()), bytes.substr(offset, n));
    }
  }
  EXPECT_TRUE(file->MappingStatus().ok());
}

TEST_P(PosixFilesTest, ReadsEndWithTheFile) {
  const auto file = OpenWith("12345");
  char scratch[100];
  EXPECT_EQ(*file->Read(3, 100, scratch), "45");
  EXPECT_EQ(*file->Read(5, 100, scratch), "");
  EXPECT_EQ(*file->Read(UINT64_MAX, 100, scratch), "");
}

TEST_P(PosixFilesTest, EmptyFileIsReadable) {
  const auto file = OpenWith("");
  char scratch[1];
  EXPECT_EQ(file->Size(), 0u);
  EXPECT_EQ(*file->Read(0, 1, scratch), "");
  EXPECT_TRUE(file->MappingStatus().ok());
}

TEST(PlainFileTest, UnflushedBytesDieWithTheFile) {
  const TempDir dir;
  auto file = Env::Default()->CreateWritable(dir.File("f"), {});
  ASSERT_TRUE((*file)->Append("unflushed").ok());
  (*file).reset();
  EXPECT_EQ(ReadAll(dir.File("f")), "");
}

TEST(PlainFileTest, FullDiskIsNoSpaceAndNamesTheFile) {
  auto file = Env::Default()->CreateWritable("/dev/full", {});
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("x").ok());
  EXPECT_EQ((*file)->Flush().ToString(), "No space: write /dev/full: No space left on device");
}

TEST(MappedFileTest, WindowIsAllocatedAheadAndGivenBack) {
  Env* const env = Env::Default();
  const TempDir dir;
  auto file = env->CreateWritable(dir.File("f"), {IoMode::kMapped, 0});
  ASSERT_TRUE((*file)->Append("data").ok());
  EXPECT_EQ(ReadAll(dir.File("f")), "data" + std::string((256 << 10) - 4, '\0'));
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_EQ(*env->FileSize(dir.File("f")), 4u);
}

TEST(MappedFileTest, WindowsGrowUpToThePreallocation) {
  constexpr uint64_t kKib = 1024;
  Env* const env = Env::Default();
  const TempDir dir;
  auto file = env->CreateWritable(dir.File("f"), {IoMode::kMapped, 700 * kKib});
  std::vector<uint64_t> sizes;
  for (int i = 0; i < 4; ++i) {
    sizes.push_back(*env->FileSize(dir.File("f")) / kKib);
    const uint64_t rest = sizes[i] - (i == 0 ? 0 : sizes[i - 1]);
    ASSERT_TRUE((*file)->Append(std::string(rest * kKib + (i == 0 ? 1 : 0), 'x')).ok());
  }
  EXPECT_EQ(sizes, (std::vector<uint64_t>{256, 256 + 512, 256 + 512 + 700, 256 + 512 + 1400}));
}

}  // namespace
}  // namespace lsm
