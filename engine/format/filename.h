// The names of a database's files, as LevelDB's: CURRENT LOCK LOG LOG.old MANIFEST-000002
// 000003.log 000005.ldb 000007.dbtmp. Numbers come from one counter and are never used twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lsm {

enum class FileKind : uint8_t {
  kCurrent,
  kLock,
  kInfoLog,
  kManifest,
  kWal,
  kTable,
  kTemp,
  kLostDir,
  kUnknown
};

struct ParsedFileName {
  FileKind kind = FileKind::kUnknown;
  uint64_t number = 0;  // 0 for kinds without one
};

// `name` without its directory. Also understands LevelDB's old table suffix ".sst".
ParsedFileName ParseFileName(std::string_view name);

std::string PathIn(std::string_view dir, std::string_view name);

// The directory that holds the entry of `path`: "." for "db", "/" for "/db".
std::string ParentDirName(std::string_view path);

// Where Repair keeps what it could not read.
std::string LostDirName(std::string_view dir);
std::string CurrentFileName(std::string_view dir);
std::string LockFileName(std::string_view dir);
std::string InfoLogFileName(std::string_view dir);
std::string OldInfoLogFileName(std::string_view dir);
std::string ManifestFileName(std::string_view dir, uint64_t number);
std::string WalFileName(std::string_view dir, uint64_t number);
std::string TableFileName(std::string_view dir, uint64_t number);
std::string LegacyTableFileName(std::string_view dir, uint64_t number);  // .sst
std::string TempFileName(std::string_view dir, uint64_t number);

}  // namespace lsm
