// Stage 1, the write-ahead log: framing, append, sync, and reading with an end reason.
// Format: docs/formats/wal.md (LevelDB's log format). A stage provides, in namespace lsm,
// <stage/wal/wal.h> with LogWriter and LogReader.
//
// LogWriter(file): appends records to an empty file that it does not own.
//   W-FRAME   Append frames the record into blocks of 32 KiB, hands it to the file and ends with
//             Flush: the record survives a killed process. A record may be empty.
//   W-SYNC    Sync returns OK only after file->Sync() did.
//   W-ERROR   Every error of the file is returned. After one, every later call returns it again:
//             nothing may be acknowledged behind a hole.
//   W-SIZE    Size() is the bytes appended, headers and block trailers included.
//
// LogReader(file, proof): reads records in order.
//   R-ORDER   Read returns each record once, in order, up to the first that is invalid, zero or cut
//             off, and nothing behind it.
//   R-END     After Read returned false, end() tells why: kClean (the file ends behind a record, or
//             only zeros follow), kTorn (a cut-off or invalid record, nothing proves that it had
//             been synced), kCorrupt (behind the bad spot stands a whole record for which
//             `proof(record)` is true), kIoError (the file could not be read; status() has it).
//             offset is the first byte that was not used: where the bad record begins.
//   R-BOUNDS  No length field is trusted before it is checked against what is left of the block.
//   R-GLUE    Fragments of different records are never joined: a record goes on only in the next
//             block, and only if its part filled the block before.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

// Framing constants of the format.
inline constexpr size_t kLogBlockBytes = 32768;
inline constexpr size_t kLogHeaderBytes = 4 + 2 + 1;  // masked crc32c, length, type

enum class LogEndKind : uint8_t { kClean, kTorn, kCorrupt, kIoError };

struct LogEnd {
  LogEndKind kind = LogEndKind::kClean;
  uint64_t offset = 0;
  std::string reason;  // for a person: "checksum mismatch", "record cut off", ...
};

// True if the record shows that everything before some point was synced, and the point lies behind
// what was read so far.
using ProofTest = std::function<bool(std::string_view record)>;

template <class W>
concept LogWriterStage = std::constructible_from<W, WritableFile*> &&
                         requires(W w, const W& c, std::string_view record) {
                           { w.Append(record) } -> std::same_as<Status>;
                           { w.Sync() } -> std::same_as<Status>;
                           { c.Size() } -> std::same_as<uint64_t>;
                         };

template <class R>
concept LogReaderStage = std::constructible_from<R, SequentialFile*, ProofTest> &&
                         requires(R r, const R& c, std::string_view* record) {
                           // The record stands until the next call. False at the end.
                           { r.Read(record) } -> std::same_as<bool>;
                           { c.end() } -> std::convertible_to<LogEnd>;
                           { c.status() } -> std::convertible_to<Status>;
                         };

}  // namespace lsm
