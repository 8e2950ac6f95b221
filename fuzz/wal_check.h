// The oracles of target `wal`, for any log reader and writer: tests hand them a reader that is
// wrong on purpose.
//
//   bytes as a log    the records, and whether the end is clean, are those of the format's rules
//                     (log_model.h); in whatever chunks the file is read;
//   bytes as records  what was written comes back; of a log with one changed byte, or cut off,
//                     exactly the records before come back, and Corruption is said if proof stands
//                     behind.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "contract/wal/test_log.h"
#include "fuzz/input.h"
#include "fuzz/log_model.h"
#include "fuzz/target.h"

namespace lsm::fuzz {

struct ReadRecords {
  std::vector<std::string> records;
  LogEnd end;
};

inline constexpr std::string_view kProofRecord = "PROOF";

template <LogReaderStage Reader>
ReadRecords ReadLog(std::string_view bytes, size_t chunk_bytes = SIZE_MAX) {
  testing::TestSequentialFile file(bytes);
  file.chunk_bytes = chunk_bytes;
  Reader reader(&file, [](std::string_view record) { return record == kProofRecord; });
  ReadRecords read;
  for (std::string_view record; reader.Read(&record);) read.records.emplace_back(record);
  read.end = reader.end();
  return read;
}

template <LogReaderStage Reader>
Finding CheckRawLog(std::string_view bytes) {
  const ReadRecords read = ReadLog<Reader>(bytes);
  const ModelLog model = ReadByTheRules(bytes);
  if (read.records != model.records) {
    return fmt::format("R-ORDER: {} records, by the rules {} up to offset {}", read.records.size(),
                       model.records.size(), model.used);
  }
  if ((read.end.kind == LogEndKind::kClean) != model.clean) {
    return fmt::format("R-END: the end at offset {} is {}clean ({})", model.used,
                       model.clean ? "" : "not ", read.end.reason);
  }
  if (read.end.offset < model.used || read.end.offset > SkipTrailer(model.used)) {
    return fmt::format("R-END: ends at offset {}, by the rules at {}", read.end.offset, model.used);
  }
  const ReadRecords chunked = ReadLog<Reader>(bytes, 1 + bytes.size() % 97);
  if (chunked.records != read.records || chunked.end.kind != read.end.kind) {
    return "R-ORDER: another answer when the file is read in small chunks";
  }
  return "";
}

struct WrittenLog {
  std::string bytes;
  std::vector<size_t> ends;  // of each record
};

template <LogWriterStage Writer>
WrittenLog WriteLog(const std::vector<std::string>& records) {
  testing::TestWritableFile file;
  Writer writer(&file);
  WrittenLog log;
  for (const std::string& record : records) {
    writer.Append(record).IgnoreError();  // shows in what is read
    log.ends.push_back(writer.Size());
  }
  log.bytes = std::move(file.bytes);
  return log;
}

// A written log without its bytes from `cut` on, or with the byte there changed: only the records
// before may come back, and all of them.
template <LogReaderStage Reader>
Finding CheckHarmedLog(const WrittenLog& log, const std::vector<std::string>& records, size_t at,
                       bool cut, char flip) {
  size_t before = 0;  // records that end before the harm
  while (before < log.ends.size() && log.ends[before] <= at) ++before;
  std::string bytes = log.bytes;
  if (cut) {
    bytes.resize(at);
  } else {
    bytes[at] = static_cast<char>(bytes[at] ^ flip);
  }
  const size_t begin = before == 0 ? 0 : log.ends[before - 1];
  if (!cut && at < SkipTrailer(begin)) before = records.size();  // a trailer means nothing
  const ReadRecords read = ReadLog<Reader>(bytes);
  const std::vector<std::string> expected(records.begin(),
                                          records.begin() + static_cast<ptrdiff_t>(before));
  const std::string what = fmt::format("{} at offset {}", cut ? "cut off" : "a changed byte", at);
  if (read.records != expected) {
    return fmt::format("R-ORDER: {}: {} of {} records come back, {} stand before it", what,
                       read.records.size(), records.size(), before);
  }
  const bool proof_behind = !cut && before + 1 < records.size() && records.back() == kProofRecord;
  if (proof_behind && read.end.kind != LogEndKind::kCorrupt) {
    return fmt::format("R-END: {} and proof behind it, but the end is no corruption", what);
  }
  return "";
}

template <LogWriterStage Writer, LogReaderStage Reader>
Finding CheckWrittenLog(std::string_view bytes) {
  Input input(bytes);
  const uint64_t place = input.Below(1 << 16);
  const auto flip = static_cast<char>(input.Byte() | 1);
  const bool proof = input.Byte() % 2 == 0;
  std::vector<std::string> records = input.Pieces();
  if (proof) records.emplace_back(kProofRecord);
  const WrittenLog log = WriteLog<Writer>(records);
  if (!log.ends.empty() && log.ends.back() != log.bytes.size()) {
    return fmt::format("W-SIZE: Size() is {} of {}", log.ends.back(), log.bytes.size());
  }
  const ReadRecords read = ReadLog<Reader>(log.bytes);
  if (read.records != records || read.end.kind != LogEndKind::kClean) {
    return fmt::format("W-FRAME: {} records were written, {} are read ({})", records.size(),
                       read.records.size(), read.end.reason);
  }
  if (log.bytes.empty()) return "";
  const size_t at = place % log.bytes.size();
  const Finding cut = CheckHarmedLog<Reader>(log, records, at, true, flip);
  return cut.empty() ? CheckHarmedLog<Reader>(log, records, at, false, flip) : cut;
}

template <LogWriterStage Writer, LogReaderStage Reader>
Finding CheckWal(std::string_view input) {
  const Finding raw = CheckRawLog<Reader>(input);
  return raw.empty() ? CheckWrittenLog<Writer, Reader>(input) : raw;
}

}  // namespace lsm::fuzz
