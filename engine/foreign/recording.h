// A recording: what a process did to the files of one directory, call by call, and between the
// calls what its workload was about to do and what came of it. Text, one call a line; all that
// crash images are built from. Written by recorder/recorder.cc and foreign_workload.
//
//   lsmlab-recording 1                      the first line; another version is refused
//   engine NAME                             whose workload it is
//   option NAME VALUE                       a knob, as in a trace
//   begin OPERATION | begin open            a line of the trace language; opening the database
//   end OK | end ERROR                      it returned
//   open FD PATH [create] [truncate]        create: the call made the file; "." is the directory
//   write FD OFFSET BYTES                   also pwrite and writev
//   truncate FD SIZE | allocate FD SIZE     allocate: at least so long; 0: no change of the size
//   fsync FD | fdatasync FD | close FD      of a file or of a directory
//   sync_file_range FD                      promises nothing
//   rename FROM TO | link FROM TO | unlink PATH | mkdir PATH | rmdir PATH
//   stdio FD | mapped FD                    what is written through a FILE* or a mapping is unknown
//   unsupported ...                         a call that the recorder cannot tell
//   crash at=N keep=IMAGE                   at the end of a saved finding: cut before call N
//
// Paths and bytes are written by Escape(). Parse(Print(r)) is r.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/status.h"
#include "testing/trace.h"

namespace lsm::lab {

inline constexpr std::string_view kRecordingHead = "lsmlab-recording 1";

struct FileCall {
  enum class Kind : uint8_t {
    kBegin,
    kEnd,
    kOpen,
    kWrite,
    kTruncate,
    kAllocate,
    kFsync,
    kFdatasync,
    kSyncFileRange,
    kClose,
    kRename,
    kLink,
    kUnlink,
    kMkdir,
    kRmdir,
    kStdio,
    kMapped,
    kUnsupported,
  };

  Kind kind = Kind::kBegin;
  int fd = -1;
  std::string path, to;                   // relative; to: of rename and link
  uint64_t offset = 0;                    // kWrite; the size of kTruncate and kAllocate
  std::string bytes;                      // kWrite; the text of kBegin, kEnd and kUnsupported
  bool create = false, truncate = false;  // kOpen

  bool operator==(const FileCall&) const = default;
};

struct Recording {
  std::string engine;
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<FileCall> calls;
  std::optional<CrashPoint> crash;

  bool operator==(const Recording&) const = default;
};

std::string Print(const FileCall& call);
// Does a power cut behind this call show anything that one before it does not?
bool IsCutPoint(const FileCall& call);
std::string Print(const Recording& recording);
// InvalidArgument "line 3: ..." for the first thing that is wrong.
Result<Recording> ParseRecording(std::string_view text);

// Each call for a person: with the names of files in place of descriptors, and without their bytes.
std::vector<std::string> Narrate(const Recording& recording);

// The operations of its workload, as a trace; "open" is none of them.
Result<Trace> WorkloadOf(const Recording& recording);

}  // namespace lsm::lab
