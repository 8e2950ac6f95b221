#include "testing/sim/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "format/filename.h"

namespace lsm::sim {
namespace {

// In the order of the enumerations.
constexpr std::string_view kIoKinds[] = {"any",      "open",    "read",   "create", "append",
                                         "sync",     "close",   "rename", "remove", "link",
                                         "truncate", "syncdir", "list",   "lock"};
constexpr std::string_view kFileRoles[] = {"any",  "log",  "table",   "manifest", "current",
                                           "temp", "lock", "infolog", "dir",      "other"};
constexpr std::string_view kEffectNames[] = {"fail",   "done", "short", "keep",
                                             "revert", "late", "lie"};
static_assert(std::size(kEffectNames) == kEffects);

template <class Enum, size_t n>
std::optional<Enum> Find(const std::string_view (&names)[n], std::string_view name) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Enum>(found - std::begin(names));
}

bool IsChangeKind(IoKind kind) {
  return kind != IoKind::kOpen && kind != IoKind::kRead && kind != IoKind::kList &&
         kind != IoKind::kLock;
}

bool HasEffect(IoKind kind, Effect effect) {
  const bool is_sync = kind == IoKind::kSync || kind == IoKind::kSyncDir;
  switch (effect) {
    case Effect::kFail:
      return true;
    case Effect::kDone:
      return IsChangeKind(kind);
    case Effect::kShort:
      return kind == IoKind::kAppend || kind == IoKind::kRead;
    case Effect::kKeep:
    case Effect::kLate:
    case Effect::kLie:
      return is_sync;
    case Effect::kRevert:
      return kind == IoKind::kSync;
  }
  return false;
}

}  // namespace

FileRole RoleOf(std::string_view path) {
  switch (ParseFileName(path.substr(path.rfind('/') + 1)).kind) {
    case FileKind::kWal:
      return FileRole::kLog;
    case FileKind::kTable:
      return FileRole::kTable;
    case FileKind::kManifest:
      return FileRole::kManifest;
    case FileKind::kCurrent:
      return FileRole::kCurrent;
    case FileKind::kTemp:
      return FileRole::kTemp;
    case FileKind::kLock:
      return FileRole::kLock;
    case FileKind::kInfoLog:
      return FileRole::kInfoLog;
    case FileKind::kLostDir:
      return FileRole::kDir;
    case FileKind::kUnknown:
      break;
  }
  return FileRole::kOther;
}

bool IoRequest::IsChange() const { return IsChangeKind(kind); }

bool IoAddress::Matches(const IoRequest& request) const {
  if (io == IoKind::kAny ? !request.IsChange() : io != request.kind) return false;
  if (begin != 0 || end != UINT64_MAX) {
    if (request.offset >= end || request.offset + request.bytes <= begin) return false;
  }
  return file == FileRole::kAny || file == request.role();
}

Status CheckFault(const Fault& fault) {
  const IoAddress& at = fault.at;
  const auto invalid = [&fault](std::string_view why) {
    return Status::InvalidArgument(fmt::format("fault {} {} {}: {}", NameOf(fault.effect),
                                               NameOf(fault.at.io), NameOf(fault.at.file), why));
  };
  if (!HasEffect(at.io, fault.effect)) return invalid("the operation has no such effect");
  if (at.nth == 0) return invalid("operations are counted from 1");
  if (fault.times == 0) return invalid("it must strike at least once");
  if (at.begin >= at.end) return invalid("the range is empty");
  const bool has_range = at.begin != 0 || at.end != UINT64_MAX;
  if (has_range && at.io != IoKind::kRead && at.io != IoKind::kAppend) {
    return invalid("only a read and an append have a range");
  }
  if (fault.code == StatusCode::kOk) return invalid("the error is OK");
  return Status::Ok();
}

std::string_view NameOf(IoKind kind) { return kIoKinds[static_cast<size_t>(kind)]; }
std::string_view NameOf(FileRole role) { return kFileRoles[static_cast<size_t>(role)]; }
std::string_view NameOf(Effect effect) { return kEffectNames[static_cast<size_t>(effect)]; }

std::optional<IoKind> ParseIoKind(std::string_view name) { return Find<IoKind>(kIoKinds, name); }
std::optional<FileRole> ParseFileRole(std::string_view name) {
  return Find<FileRole>(kFileRoles, name);
}
std::optional<Effect> ParseEffect(std::string_view name) {
  return Find<Effect>(kEffectNames, name);
}

}  // namespace lsm::sim
