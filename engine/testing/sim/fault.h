// Where a fault or a power cut strikes, and what a fault does.
//
// An address names an operation by what it is ("the 2nd sync of a log from here"), not by its place
// in the whole run: it still means the same after the engine has changed. Whether an address was
// ever reached can be asked (SimEnv::Struck, SimEnv::Crashed): a replay that does not reach it
// shows nothing.
//
// All of this is above Env: calls that a signal interrupts and writes that the kernel cuts short
// and continues are the business of env/posix_io.cc (env/posix_interrupted_test.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lsm/status.h"

namespace lsm::sim {

// The operations of Env. kAny stands for those that change the disk: all but open, read, list and
// lock. A plain file's append is the Flush that hands its buffer to the system; a mapped file's is
// the Flush that publishes. Making and removing a directory are a create and a remove of kDir; to
// ask for a file's size is to open it.
enum class IoKind : uint8_t {
  kAny,
  kOpen,
  kRead,
  kCreate,
  kAppend,
  kSync,
  kClose,
  kRename,
  kRemove,
  kLink,
  kTruncate,
  kSyncDir,
  kList,
  kLock
};

// What a file is to the engine, by its name (format/filename.h). A rename or link is an operation
// on its new name.
enum class FileRole : uint8_t {
  kAny,
  kLog,
  kTable,
  kManifest,
  kCurrent,
  kTemp,
  kLock,
  kInfoLog,
  kDir,
  kOther
};

FileRole RoleOf(std::string_view path);

// One operation, as it asks to be let through.
struct IoRequest {
  IoKind kind;
  const char* what;         // for people: "flush", "publish"
  const std::string& path;  // rename, link: the new name
  bool is_dir = false;
  uint64_t offset = 0, bytes = 0;  // kRead, kAppend: the range of the file

  bool IsChange() const;
  FileRole role() const { return is_dir ? FileRole::kDir : RoleOf(path); }
};

struct IoAddress {
  IoKind io = IoKind::kAny;
  FileRole file = FileRole::kAny;
  uint64_t nth = 1;  // of the operations that match, from 1, counted from when it is armed
  // Only operations that touch a byte of [begin, end) match: for reads and appends.
  uint64_t begin = 0, end = UINT64_MAX;

  bool Matches(const IoRequest& io) const;  // but for nth
  bool operator==(const IoAddress&) const = default;
};

// Of a failed sync the pages become clean: the system forgets that they must be written (on Linux
// since ever: "fsyncgate"), a later sync that succeeds says nothing about them.
enum class Effect : uint8_t {
  kFail,  // the error, and nothing happened: a sync leaves its pages dirty, a later one writes them
  kDone,  // the error, but it happened: a rename that took place, a sync that is durable
  kShort,  // append: a prefix reaches the file, then the error. read: fewer bytes, as at the end of
           // the file, and OK: a lie, since Env promises to go on reading
  kKeep,   // sync: the error; pages are clean, readers still see them, no later sync writes them
  kRevert,  // sync: the error; pages are clean and read as they are on the device
  kLate,    // sync: OK, pages as for kKeep; the next sync or close of the file has the error
  kLie,     // sync: OK, and nothing happened: a negative control, nothing can be promised then
};

inline constexpr size_t kEffects = 7;
inline constexpr uint64_t kForever = UINT64_MAX;

struct Fault {
  IoAddress at;
  StatusCode code = StatusCode::kIOError;
  Effect effect = Effect::kFail;
  // How many of the operations that match are struck, one after the other: 1 is once, kForever is
  // sticky. With kNoSpace: after so many refusals somebody has freed space.
  uint64_t times = 1;
  uint64_t bytes = 0;  // kShort: of the prefix; always less than what was asked for

  bool operator==(const Fault&) const = default;
};

// InvalidArgument if the fault cannot be: an effect that its operation does not have, nth or times
// 0, an empty range or a range of an operation that has none.
Status CheckFault(const Fault& fault);

// Words for traces: "sync", "manifest", "revert". Parse: none for another word.
std::string_view NameOf(IoKind kind);
std::string_view NameOf(FileRole role);
std::string_view NameOf(Effect effect);
std::optional<IoKind> ParseIoKind(std::string_view name);
std::optional<FileRole> ParseFileRole(std::string_view name);
std::optional<Effect> ParseEffect(std::string_view name);

}  // namespace lsm::sim
