// The oracles of target `table`, for any table builder and reader.
//
//   bytes as a table    opening, walks, lookups and the check of all blocks end, without a read
//                       out of the file, and say the same through plain and mapped reads; if all
//                       is well and in order, a table built of the entries reads the same;
//   bytes as entries    what was added comes back, by walks and lookups; with one byte changed,
//                       every answer is right or an error.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "contract/sstable/concept.h"
#include "contract/wal/test_log.h"
#include "format/codec.h"
#include "fuzz/entries.h"
#include "fuzz/target.h"

namespace lsm::fuzz {

// A file in memory that tells when it is read outside of its bytes.
class MemoryFile final : public RandomAccessFile {
 public:
  MemoryFile(std::string_view bytes, bool mapped, bool* strayed)
      : bytes_(bytes.begin(), bytes.end()), mapped_(mapped), strayed_(strayed) {}

  Result<std::string_view> Read(uint64_t offset, size_t n, char* scratch) const override {
    if (offset > bytes_.size() || n > bytes_.size() - offset) {
      *strayed_ = true;
      return Status::IOError("read outside of the file");
    }
    const std::string_view found(bytes_.data() + offset, n);
    if (mapped_) return found;
    found.copy(scratch, n);
    return std::string_view(scratch, n);
  }
  uint64_t Size() const override { return bytes_.size(); }
  bool IsMapped() const override { return mapped_; }
  Status MappingStatus() const override { return Status::Ok(); }

 private:
  const std::vector<char> bytes_;
  const bool mapped_;
  bool* const strayed_;
};

struct Lookup {
  LookupState state = LookupState::kAbsent;
  std::string value;
  bool operator==(const Lookup& other) const {
    return state == other.state && value == other.value;
  }
};

// All that a table answers.
struct TableAnswers {
  Status opened, verified;
  Walk forward, backward;
  std::vector<Result<Lookup>> lookups;  // one for each key that was asked for
  bool strayed = false;
};

template <TableStage Table>
Result<Lookup> LookUp(const Table& table, std::string_view user_key, SequenceNumber sequence) {
  Lookup lookup;
  const LookupKey key(user_key, sequence);
  LSM_RETURN_IF_ERROR(table.Get(key, &lookup.value, &lookup.state));
  if (lookup.state != LookupState::kFound) lookup.value.clear();
  return lookup;
}

inline TableOptions FuzzTableOptions() {
  TableOptions options;
  options.file_name = "input.ldb";
  return options;
}

// `keys`: internal keys; each is looked up at its own sequence number. None: those of the walk.
template <TableStage Table>
TableAnswers AskTable(std::string_view bytes, bool mapped, std::vector<std::string> keys,
                      size_t max_entries) {
  constexpr size_t kMaxLookups = 16;
  TableAnswers answers;
  auto opened = Table::Open(FuzzTableOptions(),
                            std::make_unique<MemoryFile>(bytes, mapped, &answers.strayed));
  answers.opened = opened.status();
  if (!opened.ok()) return answers;
  const Table& table = **opened;
  typename Table::Iterator it(&table, false);
  answers.forward = WalkForward(&it, max_entries);
  answers.backward = WalkBackward(&it, max_entries);
  for (const auto& [key, value] : answers.forward.entries) {
    ParsedInternalKey parsed;
    if (keys.size() < kMaxLookups && ParseInternalKey(key, &parsed)) keys.push_back(key);
  }
  for (const std::string& key : keys) {
    answers.lookups.push_back(LookUp(table, ExtractUserKey(key), ExtractTag(key) >> 8));
  }
  answers.verified = table.VerifyChecksums();
  return answers;
}

template <TableBuilderStage Builder>
std::string BuildTable(const TableOptions& options, const std::vector<Entry>& entries) {
  testing::TestWritableFile file;
  Builder builder(options, &file);
  for (const auto& [key, value] : entries) builder.Add(key, value).IgnoreError();  // read back
  builder.Finish().IgnoreError();
  return std::move(file.bytes);
}

template <TableBuilderStage Builder, TableStage Table>
Finding CheckRawTable(std::string_view bytes) {
  constexpr size_t kMaxEntries = 4096;
  const TableAnswers plain = AskTable<Table>(bytes, false, {}, kMaxEntries);
  const TableAnswers mapped = AskTable<Table>(bytes, true, {}, kMaxEntries);
  if (plain.strayed || mapped.strayed) return "S-OPEN: a read outside of the file";
  if (plain.opened.code() != mapped.opened.code() ||
      plain.forward.entries != mapped.forward.entries ||
      plain.forward.status.code() != mapped.forward.status.code() ||
      plain.backward.entries != mapped.backward.entries) {
    return fmt::format("S-CRC: plain and mapped reads differ: {} entries ({}, {}) and {} ({}, {})",
                       plain.forward.entries.size(), plain.opened.ToString(),
                       plain.forward.status.ToString(), mapped.forward.entries.size(),
                       mapped.opened.ToString(), mapped.forward.status.ToString());
  }
  const Walk& walk = plain.forward;
  const bool sound = plain.opened.ok() && walk.status.ok() && !walk.given_up;
  if (!sound || !AreSorted(walk.entries)) return "";
  const std::string again = BuildTable<Builder>(FuzzTableOptions(), walk.entries);
  if (AskTable<Table>(again, false, {}, kMaxEntries + 1).forward.entries != walk.entries) {
    return "S-BUILD: a table built of the entries that were read has others";
  }
  return "";
}

// What an undamaged table must answer.
inline Lookup RightAnswer(const Entries& entries, const std::string& key) {
  const auto found =
      entries.lower_bound(MakeInternalKey(ExtractUserKey(key), ExtractTag(key) >> 8, kTypeForSeek));
  if (found == entries.end() || ExtractUserKey(found->first) != ExtractUserKey(key)) return {};
  if ((ExtractTag(found->first) & 0xff) == 0) return {LookupState::kDeleted, ""};
  return {LookupState::kFound, found->second};
}

// `harmed`: errors are right answers, too, and a walk may end early with one.
inline Finding JudgeAnswers(const TableAnswers& answers, const Entries& entries,
                            const std::vector<std::string>& keys, bool harmed) {
  if (answers.strayed) return "S-OPEN: a read outside of the file";
  if (!answers.opened.ok()) return harmed ? "" : "S-OPEN: " + answers.opened.ToString();
  const auto judge_walk = [&](const Walk& walk, auto begin, auto end) -> bool {
    if (!walk.status.ok() && !harmed) return false;
    const auto n = static_cast<ptrdiff_t>(walk.entries.size());
    if (walk.status.ok() ? n != std::distance(begin, end) : n > std::distance(begin, end)) {
      return false;
    }
    return std::equal(
        walk.entries.begin(), walk.entries.end(), begin,
        [](const Entry& a, const auto& b) { return a.first == b.first && a.second == b.second; });
  };
  if (!judge_walk(answers.forward, entries.begin(), entries.end())) {
    return fmt::format("S-SCAN: forward: {} of {} entries, {}", answers.forward.entries.size(),
                       entries.size(), answers.forward.status.ToString());
  }
  if (!judge_walk(answers.backward, entries.rbegin(), entries.rend())) {
    return fmt::format("S-SCAN: backward: {} of {} entries, {}", answers.backward.entries.size(),
                       entries.size(), answers.backward.status.ToString());
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    const Result<Lookup>& lookup = answers.lookups[i];
    if (!lookup.ok() && harmed) continue;
    if (!lookup.ok()) return "S-GET: " + lookup.status().ToString();
    if (!(*lookup == RightAnswer(entries, keys[i]))) return "S-GET: a wrong answer";
  }
  return "";
}

template <TableBuilderStage Builder, TableStage Table>
Finding CheckBuiltTable(std::string_view bytes) {
  Input input(bytes);
  const uint64_t place = input.Below(1 << 16);
  const auto flip = static_cast<char>(input.Byte() | 1);
  TableOptions options = FuzzTableOptions();
  options.block_bytes = 64 + size_t{8} * input.Byte();
  options.restart_interval = static_cast<int>(input.Between(1, 17));
  options.bits_per_key = input.Byte() % 16;
  options.compression =
      kCodecNames[input.Below(std::size(kCodecNames))].codec;  // a missing one: raw
  const Entries entries = EntriesOf(&input);
  std::vector<std::string> keys;
  for (const auto& [key, value] : entries) {
    keys.push_back(key);
    keys.push_back(MakeInternalKey(std::string(ExtractUserKey(key)) + "x", 9, kTypeForSeek));
  }
  std::string built = BuildTable<Builder>(options, {entries.begin(), entries.end()});
  const size_t max_entries = entries.size() + 1;
  Finding finding =
      JudgeAnswers(AskTable<Table>(built, place % 2 == 0, keys, max_entries), entries, keys, false);
  if (!finding.empty()) return finding;
  const size_t at = place % built.size();
  built[at] = static_cast<char>(built[at] ^ flip);
  finding =
      JudgeAnswers(AskTable<Table>(built, place % 2 == 0, keys, max_entries), entries, keys, true);
  return finding.empty() ? "" : fmt::format("byte {} of {} changed: {}", at, built.size(), finding);
}

template <TableBuilderStage Builder, TableStage Table>
Finding CheckTable(std::string_view input) {
  const Finding raw = CheckRawTable<Builder, Table>(input);
  return raw.empty() ? CheckBuiltTable<Builder, Table>(input) : raw;
}

}  // namespace lsm::fuzz
