// Properties of a log that was written by the stage's own writer and then damaged.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <stage/wal/wal.h>
#include "contract/wal/concept.h"
#include "contract/wal/test_log.h"

namespace lsm::testing {
namespace {

struct Written {
  std::string bytes;
  std::vector<std::string> records;
  std::vector<uint64_t> ends;  // Size() behind each
};

// Bytes that differ from record to record and hold no log of their own.
std::string SomeBytes(size_t size, uint32_t seed) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return bytes;
}

// Short records, and long ones that end near a block's end.
Written SomeLog() {
  TestWritableFile file;
  LogWriter writer(&file);
  Written log;
  for (size_t i = *rc::gen::inRange<size_t>(1, 20); i > 0; --i) {
    size_t size = *rc::gen::inRange<size_t>(0, 60);
    if (*rc::gen::inRange(0, 4) == 0) {
      const size_t room = kLogBlockBytes - file.bytes.size() % kLogBlockBytes;
      size += room + *rc::gen::element(size_t{0}, kLogBlockBytes);
      size -= std::min<size_t>(size, 30);
    }
    log.records.push_back(SomeBytes(size, static_cast<uint32_t>(i)));
    RC_ASSERT(writer.Append(log.records.back()).ok());
    log.ends.push_back(writer.Size());
  }
  log.bytes = file.bytes;
  return log;
}

struct Outcome {
  std::vector<std::string> records;
  LogEnd end;
};

Outcome ReadAll(const std::string& bytes, const std::string& proof) {
  TestSequentialFile file(bytes);
  file.chunk_bytes = *rc::gen::element(size_t{509}, SIZE_MAX);
  LogReader reader(&file, [&](std::string_view record) { return record == proof; });
  Outcome outcome;
  std::string_view record;
  while (reader.Read(&record)) outcome.records.emplace_back(record);
  outcome.end = reader.end();
  return outcome;
}

bool IsPrefix(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
}

// Records that end at or before the offset.
size_t RecordsBefore(const Written& log, uint64_t offset) {
  return static_cast<size_t>(std::upper_bound(log.ends.begin(), log.ends.end(), offset) -
                             log.ends.begin());
}

RC_GTEST_PROP(WalContract, R_ORDER_what_was_written_is_read, ()) {
  const Written log = SomeLog();
  const Outcome outcome = ReadAll(log.bytes, "none");
  RC_ASSERT(outcome.records == log.records);
  RC_ASSERT(outcome.end.kind == LogEndKind::kClean);
  RC_ASSERT(outcome.end.offset == log.bytes.size());
}

RC_GTEST_PROP(WalContract, R_END_a_truncated_log_is_a_prefix, ()) {
  const Written log = SomeLog();
  const size_t size = *rc::gen::inRange<size_t>(0, log.bytes.size() + 1);
  const size_t zeros = *rc::gen::element<size_t>(0, 5, 4096, 2 * kLogBlockBytes);
  const Outcome outcome = ReadAll(log.bytes.substr(0, size) + std::string(zeros, '\0'), "none");
  const size_t whole = RecordsBefore(log, size);
  RC_ASSERT(outcome.records.size() >= whole);  // zeros may stand for the last bytes of one more
  RC_ASSERT(IsPrefix(outcome.records, log.records));
  RC_ASSERT(outcome.end.kind == LogEndKind::kClean || outcome.end.kind == LogEndKind::kTorn);
  if (whole > 0 && size == log.ends[whole - 1]) {
    RC_ASSERT(outcome.end.kind == LogEndKind::kClean);
  }
}

// Overwrites some bytes and returns what must still be read: all that lies before.
size_t Damage(Written* log, uint64_t limit) {
  const size_t at = *rc::gen::inRange<size_t>(0, limit);
  if (*rc::gen::arbitrary<bool>()) {
    log->bytes[at] = static_cast<char>(log->bytes[at] ^ 1 << *rc::gen::inRange(0, 8));
  } else {
    constexpr size_t kSector = 512;
    const size_t begin = at / kSector * kSector;
    const size_t n = std::min<size_t>(kSector, limit - begin);
    log->bytes.replace(begin, n, *rc::gen::element(SomeBytes(n, 99), std::string(n, '\0')));
    return RecordsBefore(*log, begin);
  }
  return RecordsBefore(*log, at);
}

RC_GTEST_PROP(WalContract, R_ORDER_damage_invents_nothing, ()) {
  Written log = SomeLog();
  const size_t whole = Damage(&log, log.bytes.size());
  const Outcome outcome = ReadAll(log.bytes, "none");
  RC_ASSERT(outcome.records.size() >= whole);
  RC_ASSERT(IsPrefix(outcome.records, log.records));
  RC_ASSERT(outcome.end.kind == LogEndKind::kClean || outcome.end.kind == LogEndKind::kTorn);
}

RC_GTEST_PROP(WalContract, R_END_damage_before_proof_is_corrupt, ()) {
  Written log = SomeLog();
  const uint64_t limit = log.bytes.size();
  const std::string proof = "the proof";
  const size_t room = kLogBlockBytes - limit % kLogBlockBytes;
  if (room < kLogHeaderBytes) log.bytes.append(room, '\0');
  if (room >= kLogHeaderBytes && room < kLogHeaderBytes + proof.size()) {
    AddFragment(&log.bytes, kFirst, proof.substr(0, room - kLogHeaderBytes));
    AddFragment(&log.bytes, kLast, proof.substr(room - kLogHeaderBytes));
  } else {
    AddFragment(&log.bytes, kFull, proof);
  }
  const size_t whole = Damage(&log, limit);
  const Outcome outcome = ReadAll(log.bytes, proof);
  if (outcome.records.size() > log.records.size()) RC_DISCARD("the damage hit a trailer");
  RC_ASSERT(outcome.records.size() >= whole);
  RC_ASSERT(IsPrefix(outcome.records, log.records));
  RC_ASSERT(outcome.end.kind == LogEndKind::kCorrupt);
}

}  // namespace
}  // namespace lsm::testing
