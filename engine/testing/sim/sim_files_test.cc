// What the files of the simulated world do while the power is on.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

class SimFiles : public testing::Test {
 protected:
  SimFiles() { EXPECT_TRUE(env_.CreateDir("/d").ok()); }

  std::unique_ptr<WritableFile> Create(const std::string& path, IoMode io = IoMode::kPlain,
                                       uint64_t preallocate = 0) {
    WritableFileOptions options;
    options.io = io;
    options.preallocate_bytes = preallocate;
    auto file = env_.CreateWritable(path, options);
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return std::move(*file);
  }
  void WriteFile(const std::string& path, std::string_view bytes) {
    const auto file = Create(path);
    EXPECT_TRUE(file->Append(bytes).ok());
    EXPECT_TRUE(file->Close().ok());
  }
  std::string Contents(const std::string& path) {
    auto bytes = env_.ReadWholeFile(path);
    return bytes.ok() ? *bytes : bytes.status().ToString();
  }
  std::vector<std::string> Names(const std::string& dir) {
    auto names = env_.ListDir(dir);
    EXPECT_TRUE(names.ok()) << names.status().ToString();
    return *names;
  }

  SimEnv env_{SimOptions{}};
};

TEST_F(SimFiles, ReadersSeePlainBytesOnlyAfterAFlush) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Append("hello").ok());
  EXPECT_EQ(Contents("/d/a"), "");
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(Contents("/d/a"), "hello");
}

TEST_F(SimFiles, BytesNeverFlushedAreGoneWithTheFileObject) {
  Create("/d/a")->Append("hello").IgnoreError();  // the point is the missing Flush
  EXPECT_EQ(Contents("/d/a"), "");
}

TEST_F(SimFiles, CloseFlushes) {
  WriteFile("/d/a", "hello");
  EXPECT_EQ(Contents("/d/a"), "hello");
}

TEST_F(SimFiles, ClosedFileRefusesFurtherCalls) {
  const auto file = Create("/d/a");
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(file->Append("x").ToString(), "IO error: append /d/a: is closed");
}

TEST_F(SimFiles, AppendedBytesAreCopiedAtOnce) {
  const auto file = Create("/d/a");
  std::string buffer = "hello";
  ASSERT_TRUE(file->Append(buffer).ok());
  buffer = "XXXXX";
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(Contents("/d/a"), "hello");
}

TEST_F(SimFiles, MappedFileShowsBytesAtOnceInAWindowOfZeros) {
  const auto file = Create("/d/a", IoMode::kMapped, 16);
  EXPECT_EQ(Contents("/d/a"), std::string(16, '\0'));
  ASSERT_TRUE(file->Append("hello").ok());
  EXPECT_EQ(Contents("/d/a"), "hello" + std::string(11, '\0'));
}

TEST_F(SimFiles, MappedFileGrowsByWindowsAndIsCutByClose) {
  const auto file = Create("/d/a", IoMode::kMapped, 16);
  ASSERT_TRUE(file->Append(std::string(17, 'x')).ok());
  EXPECT_EQ(*env_.FileSize("/d/a"), 32u);
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(Contents("/d/a"), std::string(17, 'x'));
}

TEST_F(SimFiles, CreateEmptiesAnExistingFile) {
  WriteFile("/d/a", "hello");
  Create("/d/a");
  EXPECT_EQ(Contents("/d/a"), "");
}

TEST_F(SimFiles, SequentialReaderReadsToTheEnd) {
  WriteFile("/d/a", "hello");
  auto file = env_.OpenSequential("/d/a");
  char scratch[8];
  EXPECT_EQ(*(*file)->Read(3, scratch), 3u);
  EXPECT_EQ(*(*file)->Read(8, scratch), 2u);
  EXPECT_EQ(std::string(scratch, 2), "lo");
  EXPECT_EQ(*(*file)->Read(8, scratch), 0u);
}

TEST_F(SimFiles, RandomReadsGiveFewerBytesAtTheEnd) {
  WriteFile("/d/a", "hello");
  for (const IoMode io : {IoMode::kPlain, IoMode::kMapped}) {
    auto file = env_.OpenRandomAccess("/d/a", io);
    char scratch[8];
    EXPECT_EQ(*(*file)->Read(3, 8, scratch), "lo");
    EXPECT_EQ(*(*file)->Read(9, 8, scratch), "");
    EXPECT_EQ((*file)->Size(), 5u);
    EXPECT_EQ((*file)->IsMapped(), io == IoMode::kMapped);
    EXPECT_TRUE((*file)->MappingStatus().ok());
  }
}

TEST_F(SimFiles, MappedViewOutlivesLaterWritesAndTheName) {
  WriteFile("/d/a", "hello");
  auto file = env_.OpenRandomAccess("/d/a", IoMode::kMapped);
  const std::string_view view = *(*file)->Read(0, 5, nullptr);
  WriteFile("/d/a", std::string(100000, 'x'));
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  EXPECT_EQ(view, "hello");
}

TEST_F(SimFiles, OpenFileOutlivesItsName) {
  const auto writer = Create("/d/a");
  ASSERT_TRUE(writer->Append("hello").ok());
  auto reader = env_.OpenSequential("/d/a");
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  ASSERT_TRUE(writer->Sync().ok());
  char scratch[8];
  EXPECT_EQ(*(*reader)->Read(8, scratch), 5u);
}

TEST_F(SimFiles, DirectoryListsFilesAndDirectoriesSorted) {
  WriteFile("/d/b", "");
  WriteFile("/d/a", "");
  ASSERT_TRUE(env_.CreateDir("/d/aa").ok());
  EXPECT_EQ(Names("/d"), (std::vector<std::string>{"a", "aa", "b"}));
  EXPECT_EQ(Names("/"), (std::vector<std::string>{"d"}));
}

TEST_F(SimFiles, RenameReplacesTheTarget) {
  WriteFile("/d/a", "new");
  WriteFile("/d/b", "old");
  ASSERT_TRUE(env_.RenameFile("/d/a", "/d/b").ok());
  EXPECT_EQ(Contents("/d/b"), "new");
  EXPECT_FALSE(env_.FileExists("/d/a"));
}

TEST_F(SimFiles, RenameReachesAnotherDirectory) {
  ASSERT_TRUE(env_.CreateDir("/e").ok());
  WriteFile("/d/a", "bytes");
  ASSERT_TRUE(env_.RenameFile("/d/a", "/e/b").ok());
  EXPECT_EQ(Contents("/e/b"), "bytes");
  EXPECT_TRUE(Names("/d").empty());
}

TEST_F(SimFiles, LinkIsASecondNameOfTheSameFile) {
  WriteFile("/d/a", "bytes");
  ASSERT_TRUE(env_.LinkFile("/d/a", "/d/b").ok());
  ASSERT_TRUE(env_.TruncateFile("/d/a", 2).ok());
  EXPECT_EQ(Contents("/d/b"), "by");
  EXPECT_FALSE(env_.LinkFile("/d/a", "/d/b").ok());
}

TEST_F(SimFiles, TruncateGrowsWithZeros) {
  WriteFile("/d/a", "ab");
  ASSERT_TRUE(env_.TruncateFile("/d/a", 4).ok());
  EXPECT_EQ(Contents("/d/a"), std::string("ab\0\0", 4));
}

TEST_F(SimFiles, MissingFilesAreNotFoundAndMissingDirectoriesIoErrors) {
  EXPECT_TRUE(env_.OpenSequential("/d/x").status().IsNotFound());
  EXPECT_TRUE(env_.OpenRandomAccess("/d/x", IoMode::kPlain).status().IsNotFound());
  EXPECT_TRUE(env_.FileSize("/d/x").status().IsNotFound());
  EXPECT_TRUE(env_.RemoveFile("/d/x").IsNotFound());
  EXPECT_TRUE(env_.RenameFile("/d/x", "/d/y").IsNotFound());
  EXPECT_EQ(env_.ListDir("/x").status().code(), StatusCode::kIOError);
  EXPECT_EQ(env_.CreateWritable("/x/y", {}).status().ToString(),
            "IO error: create /x/y: no such directory");
}

TEST_F(SimFiles, OnlyAnEmptyDirectoryCanBeRemoved) {
  WriteFile("/d/a", "");
  EXPECT_FALSE(env_.RemoveDir("/d").ok());
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  EXPECT_TRUE(env_.RemoveDir("/d").ok());
  EXPECT_FALSE(env_.FileExists("/d"));
}

TEST_F(SimFiles, PathsAreTheSameWithMoreSlashes) {
  WriteFile("/d//a", "bytes");
  EXPECT_EQ(Contents("/d/a"), "bytes");
  EXPECT_EQ(Names("/d/"), (std::vector<std::string>{"a"}));
}

TEST_F(SimFiles, LockIsExclusiveUntilItsDestruction) {
  auto lock = env_.LockFile("/d/LOCK");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(env_.LockFile("/d/LOCK").status().code(), StatusCode::kBusy);
  (*lock).reset();
  EXPECT_TRUE(env_.LockFile("/d/LOCK").ok());
}

TEST_F(SimFiles, OverwrittenFileIsDurableAtOnce) {
  ASSERT_TRUE(env_.OverwriteFile("/d/a", "damaged").ok());
  env_.Restart({});
  EXPECT_EQ(Contents("/d/a"), "damaged");
}

}  // namespace
}  // namespace lsm::sim
