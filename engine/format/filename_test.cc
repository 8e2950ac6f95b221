#include "format/filename.h"

#include <gtest/gtest.h>

namespace lsm {
namespace {

TEST(FileNameTest, NamesAreThoseOfLevelDB) {
  EXPECT_EQ(CurrentFileName("db"), "db/CURRENT");
  EXPECT_EQ(LockFileName("db"), "db/LOCK");
  EXPECT_EQ(InfoLogFileName("db"), "db/LOG");
  EXPECT_EQ(OldInfoLogFileName("db"), "db/LOG.old");
  EXPECT_EQ(ManifestFileName("db", 2), "db/MANIFEST-000002");
  EXPECT_EQ(WalFileName("db", 3), "db/000003.log");
  EXPECT_EQ(TableFileName("db", 5), "db/000005.ldb");
  EXPECT_EQ(LegacyTableFileName("db", 5), "db/000005.sst");
  EXPECT_EQ(TempFileName("db", 7), "db/000007.dbtmp");
}

TEST(FileNameTest, NumbersGrowBeyondSixDigits) {
  EXPECT_EQ(TableFileName("db", 12345678), "db/12345678.ldb");
}

void ExpectParsed(const std::string& path, FileKind kind, uint64_t number) {
  const ParsedFileName parsed = ParseFileName(path.substr(path.rfind('/') + 1));
  EXPECT_EQ(parsed.kind, kind) << path;
  EXPECT_EQ(parsed.number, number) << path;
}

TEST(FileNameTest, EveryNameParsesBack) {
  ExpectParsed(CurrentFileName("d"), FileKind::kCurrent, 0);
  ExpectParsed(LockFileName("d"), FileKind::kLock, 0);
  ExpectParsed(InfoLogFileName("d"), FileKind::kInfoLog, 0);
  ExpectParsed(OldInfoLogFileName("d"), FileKind::kInfoLog, 0);
  for (const uint64_t number : {uint64_t{0}, uint64_t{1}, uint64_t{999999}, UINT64_MAX}) {
    ExpectParsed(ManifestFileName("d", number), FileKind::kManifest, number);
    ExpectParsed(WalFileName("d", number), FileKind::kWal, number);
    ExpectParsed(TableFileName("d", number), FileKind::kTable, number);
    ExpectParsed(LegacyTableFileName("d", number), FileKind::kTable, number);
    ExpectParsed(TempFileName("d", number), FileKind::kTemp, number);
  }
}

TEST(FileNameTest, AnyOtherNameIsUnknown) {
  for (const char* name :
       {"", "foo", "CURRENTX", "LOCKED", "LOG.older", "MANIFEST", "MANIFEST-", "MANIFEST-3x",
        "MANIFEST-+3", "100", "100.", "100.lop", "100.log.bak", "-1.log", " 1.log", ".log",
        "x1.ldb", "18446744073709551616.log", "184467440737095516150.ldb"}) {
    EXPECT_EQ(ParseFileName(name).kind, FileKind::kUnknown) << name;
  }
}

TEST(FileNameTest, ParentHoldsTheEntryOfADirectory) {
  EXPECT_EQ(ParentDirName("db"), ".");
  EXPECT_EQ(ParentDirName("/db"), "/");
  EXPECT_EQ(ParentDirName("/a/b/"), "/a");
  EXPECT_EQ(ParentDirName("a/b"), "a");
  EXPECT_EQ(ParentDirName("/"), "/");
}

}  // namespace
}  // namespace lsm
