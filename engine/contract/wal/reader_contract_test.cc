// The contract of a LogReader, clause by clause, on logs that the suite framed itself.
#include <gtest/gtest.h>

#include <stage/wal/wal.h>
#include "contract/wal/concept.h"
#include "contract/wal/test_log.h"

namespace lsm::testing {
namespace {

static_assert(LogReaderStage<LogReader>);

struct Outcome {
  std::vector<std::string> records;
  LogEnd end;
  Status status;
};

Outcome ReadFrom(TestSequentialFile* file) {
  LogReader reader(file, [](std::string_view record) { return record.starts_with(kProof); });
  Outcome outcome;
  std::string_view record;
  while (reader.Read(&record)) outcome.records.emplace_back(record);
  EXPECT_FALSE(reader.Read(&record)) << "the end is final";
  outcome.end = reader.end();
  outcome.status = reader.status();
  EXPECT_EQ(outcome.status.ok(), outcome.end.kind != LogEndKind::kIoError);
  return outcome;
}

Outcome ReadAll(std::string_view bytes) {
  TestSequentialFile file(bytes);
  return ReadFrom(&file);
}

using Records = std::vector<std::string>;

// Expects the end and the offset.
void ExpectEnd(const Outcome& outcome, LogEndKind kind, uint64_t offset) {
  EXPECT_EQ(outcome.end.kind, kind) << outcome.end.reason;
  EXPECT_EQ(outcome.end.offset, offset) << outcome.end.reason;
}

TEST(WalContract, R_ORDER_records_come_back) {
  TestLog log;
  for (const size_t size : {size_t{3}, size_t{0}, size_t{40000}, size_t{1}, 3 * kLogBlockBytes}) {
    log.Add(std::string(size, static_cast<char>('a' + size % 26)));
  }
  const Outcome outcome = ReadAll(log.bytes);
  EXPECT_EQ(outcome.records, log.records);
  ExpectEnd(outcome, LogEndKind::kClean, log.bytes.size());
}

TEST(WalContract, R_ORDER_every_room_left_in_a_block) {
  for (size_t left = 0; left <= 2 * kLogHeaderBytes; ++left) {
    TestLog log;
    log.FillBlockBut(left);
    log.Add("");
    log.Add("next");
    EXPECT_EQ(ReadAll(log.bytes).records, log.records) << left << " bytes left";
  }
}

TEST(WalContract, R_ORDER_short_reads_are_continued) {
  TestLog log;
  log.Add("a");
  log.Add(std::string(2 * kLogBlockBytes, 'b'));
  for (const size_t chunk : {1, 7, 4096, 32767}) {
    TestSequentialFile file(log.bytes);
    file.chunk_bytes = chunk;
    const Outcome outcome = ReadFrom(&file);
    EXPECT_EQ(outcome.records, log.records) << chunk;
    ExpectEnd(outcome, LogEndKind::kClean, log.bytes.size());
  }
}

TEST(WalContract, R_ORDER_nothing_behind_a_bad_record) {
  TestLog log;
  for (const char* record : {"a", "b", "c"}) log.Add(record);
  log.bytes[log.ends[1] - 1] ^= 1;
  const Outcome outcome = ReadAll(log.bytes);
  EXPECT_EQ(outcome.records, Records{"a"});
  ExpectEnd(outcome, LogEndKind::kTorn, log.begins[1]);
}

TEST(WalContract, R_ORDER_nothing_in_blocks_behind_a_bad_block) {
  TestLog log;
  log.Add("a");
  log.Add("bad");
  log.FillBlockBut(0);
  log.Add("in the next block");
  log.bytes[log.begins[1]] ^= 1;
  EXPECT_EQ(ReadAll(log.bytes).records, Records{"a"});
}

TEST(WalContract, R_END_an_empty_file_is_clean) { ExpectEnd(ReadAll(""), LogEndKind::kClean, 0); }

TEST(WalContract, R_END_zeros_alone_are_clean) {
  for (const size_t zeros : {size_t{1}, size_t{7}, kLogBlockBytes, 3 * kLogBlockBytes + 5}) {
    ExpectEnd(ReadAll(std::string(zeros, '\0')), LogEndKind::kClean, 0);
  }
}

TEST(WalContract, R_END_zeros_behind_a_record_are_clean) {
  for (const size_t zeros : {size_t{1}, size_t{6}, size_t{4096}, 3 * kLogBlockBytes}) {
    TestLog log;
    log.Add("a");
    const Outcome outcome = ReadAll(log.bytes + std::string(zeros, '\0'));
    EXPECT_EQ(outcome.records, log.records);
    ExpectEnd(outcome, LogEndKind::kClean, log.ends[0]);
  }
}

TEST(WalContract, R_END_a_file_that_ends_in_or_behind_a_trailer_is_clean) {
  for (size_t zeros = 0; zeros < kLogHeaderBytes; ++zeros) {
    TestLog log;
    log.FillBlockBut(kLogHeaderBytes - 1);
    const Outcome outcome = ReadAll(log.bytes + std::string(zeros, '\0'));
    EXPECT_EQ(outcome.end.kind, LogEndKind::kClean);
    EXPECT_EQ(outcome.records, log.records);
  }
}

TEST(WalContract, R_END_cut_off_anywhere_is_torn) {
  TestLog log;
  log.Add("whole");
  log.Add(std::string(2 * kLogBlockBytes, 'x'));
  for (size_t size = log.begins[1] + 1; size < log.ends[1]; size += size < 100 ? 1 : 997) {
    const Outcome outcome = ReadAll(std::string_view(log.bytes).substr(0, size));
    EXPECT_EQ(outcome.records, Records{"whole"});
    ExpectEnd(outcome, LogEndKind::kTorn, log.begins[1]);
  }
}

TEST(WalContract, R_END_cut_off_between_two_fragments_is_torn) {
  TestLog log;
  log.Add("whole");
  log.Add(std::string(2 * kLogBlockBytes, 'x'));
  const std::string_view bytes = log.bytes;
  ExpectEnd(ReadAll(bytes.substr(0, kLogBlockBytes)), LogEndKind::kTorn, log.begins[1]);
  ExpectEnd(ReadAll(bytes.substr(0, 2 * kLogBlockBytes)), LogEndKind::kTorn, log.begins[1]);
}

TEST(WalContract, R_END_zeros_behind_a_cut_off_record_are_torn) {
  TestLog log;
  log.Add("whole");
  log.Add(std::string(2 * kLogBlockBytes, 'x'));
  for (const size_t size : {log.begins[1] + 3, log.begins[1] + 100, kLogBlockBytes}) {
    const std::string cut = log.bytes.substr(0, size) + std::string(2 * kLogBlockBytes, '\0');
    ExpectEnd(ReadAll(cut), LogEndKind::kTorn, log.begins[1]);
  }
}

TEST(WalContract, R_END_torn_tail_without_proof_is_torn) {
  TestLog log;
  for (const char* record : {"a", "bad", "no proof"}) log.Add(record);
  log.bytes[log.begins[1] + kLogHeaderBytes] ^= 1;
  ExpectEnd(ReadAll(log.bytes), LogEndKind::kTorn, log.begins[1]);
}

TEST(WalContract, R_END_proof_before_the_bad_spot_proves_nothing) {
  TestLog log;
  for (const char* record : {"PROOF", "bad"}) log.Add(record);
  log.bytes.back() ^= 1;
  const Outcome outcome = ReadAll(log.bytes);
  EXPECT_EQ(outcome.records, Records{"PROOF"});
  ExpectEnd(outcome, LogEndKind::kTorn, log.begins[1]);
}

TEST(WalContract, R_END_proof_behind_any_damaged_byte_is_corrupt) {
  TestLog log;
  for (const char* record : {"a", "bad", "between", "PROOF"}) log.Add(record);
  for (size_t at = log.begins[1]; at < log.ends[1]; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = log.bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      const Outcome outcome = ReadAll(damaged);
      EXPECT_EQ(outcome.records, Records{"a"});
      ExpectEnd(outcome, LogEndKind::kCorrupt, log.begins[1]);
    }
  }
}

TEST(WalContract, R_END_proof_behind_zeros_is_corrupt) {
  TestLog log;
  for (const char* record : {"a", "erased", "PROOF"}) log.Add(record);
  std::fill(log.bytes.begin() + static_cast<ptrdiff_t>(log.begins[1]),
            log.bytes.begin() + static_cast<ptrdiff_t>(log.ends[1]), '\0');
  ExpectEnd(ReadAll(log.bytes), LogEndKind::kCorrupt, log.begins[1]);
}

TEST(WalContract, R_END_proof_behind_blocks_of_zeros_is_corrupt) {
  TestLog log;
  log.Add("a");
  std::string erased = log.bytes;
  erased.resize(3 * kLogBlockBytes, '\0');
  AddFragment(&erased, kFull, kProof);
  ExpectEnd(ReadAll(erased), LogEndKind::kCorrupt, log.ends[0]);
}

TEST(WalContract, R_END_proof_in_a_later_block_is_corrupt) {
  TestLog log;
  log.Add("bad");
  log.FillBlockBut(0);
  log.FillBlockBut(3);
  log.Add(kProof);
  log.bytes[0] ^= 1;
  ExpectEnd(ReadAll(log.bytes), LogEndKind::kCorrupt, 0);
}

TEST(WalContract, R_END_proof_that_is_split_is_corrupt) {
  TestLog log;
  log.Add("bad");
  log.Add(std::string(kProof) + std::string(2 * kLogBlockBytes, 'x'));
  log.bytes[0] ^= 1;
  ExpectEnd(ReadAll(log.bytes), LogEndKind::kCorrupt, 0);
}

TEST(WalContract, R_END_proof_that_cuts_off_a_record_is_corrupt) {
  TestLog log;
  log.FillBlockBut(20);
  const size_t begin = log.bytes.size();
  AddFragment(&log.bytes, kFirst, "begun, no end");
  log.Add(kProof);
  ExpectEnd(ReadAll(log.bytes), LogEndKind::kCorrupt, begin);
}

TEST(WalContract, R_END_proof_that_is_damaged_itself_proves_nothing) {
  TestLog log;
  for (const char* record : {"bad", "PROOF"}) log.Add(record);
  log.bytes[0] ^= 1;
  log.bytes.back() ^= 1;
  ExpectEnd(ReadAll(log.bytes), LogEndKind::kTorn, 0);
}

TEST(WalContract, R_END_proof_behind_two_damaged_records_is_corrupt) {
  TestLog log;
  log.Add("bad");
  log.FillBlockBut(0);
  for (const char* record : {"good", "bad too", "PROOF"}) log.Add(record);
  log.bytes[0] ^= 1;
  log.bytes[log.begins[3] + 4] ^= 1;  // its length
  ExpectEnd(ReadAll(log.bytes), LogEndKind::kCorrupt, 0);
}

TEST(WalContract, R_END_a_read_error_is_no_end_of_file) {
  TestLog log;
  log.Add("a");
  log.Add(std::string(3 * kLogBlockBytes, 'x'));
  for (const size_t at : {size_t{0}, size_t{5}, kLogBlockBytes, 2 * kLogBlockBytes + 1}) {
    TestSequentialFile file(log.bytes);
    file.fail_offset = at;
    const Outcome outcome = ReadFrom(&file);
    EXPECT_EQ(outcome.end.kind, LogEndKind::kIoError) << at;
    EXPECT_EQ(outcome.status.code(), StatusCode::kIOError) << at;
    EXPECT_LE(outcome.records.size(), 1u);
  }
}

TEST(WalContract, R_END_a_read_error_behind_the_bad_spot_hides_no_proof) {
  TestLog log;
  log.Add("bad");
  log.FillBlockBut(0);
  log.Add(kProof);
  log.bytes[0] ^= 1;
  TestSequentialFile file(log.bytes);
  file.fail_offset = kLogBlockBytes;
  EXPECT_EQ(ReadFrom(&file).end.kind, LogEndKind::kIoError);
}

TEST(WalContract, R_BOUNDS_no_length_is_trusted) {
  TestLog log;
  log.Add("a");
  log.Add("b");
  for (int length = 2; length <= 0xffff; length += length < 300 ? 1 : 251) {
    std::string damaged = log.bytes;
    damaged[log.begins[1] + 4] = static_cast<char>(length & 0xff);
    damaged[log.begins[1] + 5] = static_cast<char>(length >> 8);
    for (const size_t zeros : {size_t{0}, size_t{100}, 2 * kLogBlockBytes}) {
      const Outcome outcome = ReadAll(damaged + std::string(zeros, '\0'));
      EXPECT_EQ(outcome.records, Records{"a"}) << length;
      ExpectEnd(outcome, LogEndKind::kTorn, log.begins[1]);
    }
  }
}

TEST(WalContract, R_BOUNDS_a_fragment_over_the_block_end_is_invalid) {
  TestLog log;
  log.FillBlockBut(10);
  const size_t begin = log.bytes.size();
  AddFragment(&log.bytes, kFull, "over the end");  // its checksum is right
  const Outcome outcome = ReadAll(log.bytes);
  EXPECT_EQ(outcome.records, log.records);
  ExpectEnd(outcome, LogEndKind::kTorn, begin);
}

TEST(WalContract, R_BOUNDS_unknown_types_are_invalid) {
  for (int type = 0; type <= 0xff; type = type == 0 ? 5 : type + 1) {
    std::string log;
    AddFragment(&log, static_cast<TestFragmentType>(static_cast<char>(type)), "x");
    const Outcome outcome = ReadAll(log);
    EXPECT_TRUE(outcome.records.empty());
    ExpectEnd(outcome, LogEndKind::kTorn, 0);
  }
}

// A record that is begun at the end of the first block, then what `rest` says.
struct Begun {
  TestLog log;
  size_t offset;

  explicit Begun(std::string_view first) {
    log.FillBlockBut(kLogHeaderBytes + first.size());
    offset = log.bytes.size();
    AddFragment(&log.bytes, kFirst, first);
  }
  void ExpectTorn() const {
    const Outcome outcome = ReadAll(log.bytes);
    EXPECT_EQ(outcome.records, log.records);
    ExpectEnd(outcome, LogEndKind::kTorn, offset);
  }
};

TEST(WalContract, R_GLUE_full_behind_first) {
  Begun begun("first");
  AddFragment(&begun.log.bytes, kFull, "full");
  begun.ExpectTorn();
}

TEST(WalContract, R_GLUE_first_behind_first) {
  Begun begun("first");
  AddFragment(&begun.log.bytes, kFirst, std::string(kLogBlockBytes - kLogHeaderBytes, 'f'));
  AddFragment(&begun.log.bytes, kLast, "last");
  begun.ExpectTorn();
}

TEST(WalContract, R_GLUE_middle_or_last_without_first) {
  for (const TestFragmentType type : {kMiddle, kLast}) {
    TestLog log;
    log.FillBlockBut(0);
    const size_t payload = type == kMiddle ? kLogBlockBytes - kLogHeaderBytes : 4;
    AddFragment(&log.bytes, type, std::string(payload, 'x'));
    const Outcome outcome = ReadAll(log.bytes);
    EXPECT_EQ(outcome.records, log.records);
    ExpectEnd(outcome, LogEndKind::kTorn, kLogBlockBytes);
  }
}

TEST(WalContract, R_GLUE_fragments_that_are_split_inside_a_block) {
  std::string log;
  AddFragment(&log, kFirst, "of one record");
  AddFragment(&log, kLast, "of another");
  const Outcome outcome = ReadAll(log);
  EXPECT_TRUE(outcome.records.empty());
  ExpectEnd(outcome, LogEndKind::kTorn, 0);
}

TEST(WalContract, R_GLUE_fragments_that_are_split_before_a_trailer) {
  for (size_t trailer = 1; trailer < kLogHeaderBytes; ++trailer) {
    std::string log;
    AddFragment(&log, kFirst, std::string(kLogBlockBytes - kLogHeaderBytes - trailer, 'x'));
    log.append(trailer, '\0');
    AddFragment(&log, kLast, "of another");
    const Outcome outcome = ReadAll(log);
    EXPECT_TRUE(outcome.records.empty());
    ExpectEnd(outcome, LogEndKind::kTorn, 0);
  }
}

TEST(WalContract, R_GLUE_last_behind_a_lost_block) {
  for (const char lost : {'\0', 'x'}) {
    Begun begun("first");
    begun.log.bytes.append(kLogBlockBytes, lost);
    AddFragment(&begun.log.bytes, kLast, "last");
    begun.ExpectTorn();
  }
}

TEST(WalContract, R_GLUE_no_proof_is_made_of_pieces) {
  for (const char lost : {'\0', 'x'}) {
    TestLog log;
    log.Add("bad");
    log.FillBlockBut(kLogHeaderBytes + 3);
    AddFragment(&log.bytes, kFirst, kProof.substr(0, 3));
    log.bytes.append(kLogBlockBytes, lost);
    AddFragment(&log.bytes, kLast, kProof.substr(3));
    log.bytes[0] ^= 1;
    ExpectEnd(ReadAll(log.bytes), LogEndKind::kTorn, 0);
  }
}

}  // namespace
}  // namespace lsm::testing
