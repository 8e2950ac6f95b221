#include "format/filename.h"

#include <charconv>

#include <fmt/format.h>

namespace lsm {

std::string PathIn(std::string_view dir, std::string_view name) {
  return fmt::format("{}/{}", dir, name);
}

std::string ParentDirName(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string LostDirName(std::string_view dir) { return fmt::format("{}/lost", dir); }
std::string CurrentFileName(std::string_view dir) { return fmt::format("{}/CURRENT", dir); }
std::string LockFileName(std::string_view dir) { return fmt::format("{}/LOCK", dir); }
std::string InfoLogFileName(std::string_view dir) { return fmt::format("{}/LOG", dir); }
std::string OldInfoLogFileName(std::string_view dir) { return fmt::format("{}/LOG.old", dir); }
std::string ManifestFileName(std::string_view dir, uint64_t number) {
  return fmt::format("{}/MANIFEST-{:06}", dir, number);
}
std::string WalFileName(std::string_view dir, uint64_t number) {
  return fmt::format("{}/{:06}.log", dir, number);
}
std::string TableFileName(std::string_view dir, uint64_t number) {
  return fmt::format("{}/{:06}.ldb", dir, number);
}
std::string LegacyTableFileName(std::string_view dir, uint64_t number) {
  return fmt::format("{}/{:06}.sst", dir, number);
}
std::string TempFileName(std::string_view dir, uint64_t number) {
  return fmt::format("{}/{:06}.dbtmp", dir, number);
}

namespace {

// The whole of `text` as a number, written as this engine writes it: "000099", not "99". Another
// spelling is another file.
bool ParseNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() &&
         fmt::format("{:06}", *number) == text;
}

}  // namespace

ParsedFileName ParseFileName(std::string_view name) {
  if (name == "CURRENT") return {FileKind::kCurrent, 0};
  if (name == "lost") return {FileKind::kLostDir, 0};
  if (name == "LOCK") return {FileKind::kLock, 0};
  if (name == "LOG" || name == "LOG.old") return {FileKind::kInfoLog, 0};
  uint64_t number = 0;
  constexpr std::string_view kManifestPrefix = "MANIFEST-";
  if (name.substr(0, kManifestPrefix.size()) == kManifestPrefix) {
    return ParseNumber(name.substr(kManifestPrefix.size()), &number)
               ? ParsedFileName{FileKind::kManifest, number}
               : ParsedFileName{};
  }
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos || !ParseNumber(name.substr(0, dot), &number)) return {};
  const std::string_view suffix = name.substr(dot);
  if (suffix == ".log") return {FileKind::kWal, number};
  if (suffix == ".ldb" || suffix == ".sst") return {FileKind::kTable, number};
  if (suffix == ".dbtmp") return {FileKind::kTemp, number};
  return {};
}

}  // namespace lsm
