#include "testing/damage.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "base/crc32c.h"
#include "format/batch.h"
#include "format/filename.h"

namespace lsm::lab {
namespace {

// The path of the nth file of a role, by name; empty: there is none.
std::string FindFile(sim::SimEnv* env, const std::string& dir, sim::FileRole role, uint64_t nth) {
  const auto names = env->ListDir(dir);
  if (!names.ok()) return "";
  for (const std::string& name : *names) {
    if (sim::RoleOf(name) == role && --nth == 0) return dir + "/" + name;
  }
  return "";
}

void Wrap(sim::SimEnv* env, const std::string& path, uint64_t* offset) {
  const auto bytes = env->ReadWholeFile(path);
  if (bytes.ok() && !bytes->empty()) *offset %= bytes->size();
}

struct Record {
  uint64_t begin, end;  // in the file
  std::string bytes;
};

// Of a log or a manifest, up to its first bad spot: docs/formats/wal.md. On its own, because what
// the engine's reader makes of damage is what is judged.
std::vector<Record> RecordsOf(std::string_view file) {
  constexpr uint64_t kBlockBytes = 32768, kHeaderBytes = 7;
  enum Part : uint8_t { kFull = 1, kFirst, kMiddle, kLast };
  std::vector<Record> records;
  Record record;
  for (uint64_t at = 0; at + kHeaderBytes <= file.size();) {
    const uint64_t room = kBlockBytes - at % kBlockBytes;
    if (room < kHeaderBytes) {
      at += room;
      continue;
    }
    const uint64_t bytes =
        static_cast<uint8_t>(file[at + 4]) + 256 * uint64_t{static_cast<uint8_t>(file[at + 5])};
    const auto part = static_cast<uint8_t>(file[at + 6]);
    const std::string_view body = file.substr(at + kHeaderBytes, bytes);
    const uint32_t checksum = crc32c::Value(file.substr(at + kHeaderBytes - 1, 1 + bytes));
    const bool is_sound =
        body.size() == bytes && crc32c::Unmask(DecodeFixed32(file.data() + at)) == checksum;
    if (!is_sound || part < kFull || part > kLast) break;
    if (part == kFull || part == kFirst) record = {at, 0, ""};
    record.bytes += body;
    at += kHeaderBytes + bytes;
    record.end = at;
    if (part == kFull || part == kLast) records.push_back(record);
  }
  return records;
}

// The bytes of a file in which a change begins and ends.
struct Span {
  uint64_t begin = 0, end = 0;
};
Span Difference(std::string_view before, std::string_view after) {
  const size_t common = std::min(before.size(), after.size());
  Span span{0, std::max(before.size(), after.size())};
  while (span.begin < common && before[span.begin] == after[span.begin]) ++span.begin;
  if (before.size() != after.size()) return span;
  while (span.end > span.begin && before[span.end - 1] == after[span.end - 1]) --span.end;
  return span;
}

// Was a manifest changed in its first edit, which was synced before CURRENT named it, or before its
// last? A part that was cut off could be torn.
bool ManifestShowsIt(std::string_view before, std::string_view after) {
  if (after.empty()) return false;
  const std::vector<Record> edits = RecordsOf(before);
  if (edits.empty() || before.size() != after.size()) return false;
  const Span change = Difference(before, after);
  return change.begin < edits.front().end || change.end <= edits.back().begin;
}

// Stands a proof behind the change of a log, in it or in a later one, of updates that the change or
// what is behind it held? The records are those of `before`, when the logs were sound.
bool LogShowsIt(const Files& before, const Files& after, const std::string& name) {
  std::optional<SequenceNumber> first_lost;
  for (auto file = before.find(name); file != before.end(); ++file) {
    if (sim::RoleOf(file->first) != sim::FileRole::kLog) continue;
    const auto now = after.find(file->first);
    const Span change =
        now == after.end() ? Span{0, file->second.size()} : Difference(file->second, now->second);
    const bool is_it = file->first == name;
    bool is_touched = false;
    for (const Record& record : RecordsOf(file->second)) {
      WriteBatch batch;
      if (is_it && record.end <= change.begin) continue;
      is_touched = true;
      if (!WriteBatchRep::Parse(record.bytes, &batch).ok()) continue;
      const SequenceNumber sequence = WriteBatchRep::Sequence(batch);
      const bool is_whole = record.begin >= change.end || record.end <= change.begin;
      if (batch.Count() > 0) {
        first_lost = std::min(first_lost.value_or(sequence), sequence);
      } else if (is_whole && first_lost.has_value() && sequence >= *first_lost) {
        return true;
      }
    }
    if (is_it && !is_touched) return true;  // what was changed is no record
  }
  return !first_lost.has_value();  // there was nothing to lose
}

// Is CURRENT gone or unreadable? It could also name another manifest that is there.
bool CurrentShowsIt(const Files& after) {
  const auto current = after.find("CURRENT");
  if (current == after.end() || current->second.empty()) return true;
  return after.count(current->second.substr(0, current->second.size() - 1)) == 0;
}

bool ShowsIt(const Files& before, const Files& after, const std::string& name) {
  const std::string& old = before.at(name);
  const auto now = after.find(name);
  const bool is_gone = now == after.end();
  switch (sim::RoleOf(name)) {
    case sim::FileRole::kLog: {
      const bool is_oldest = std::none_of(before.begin(), before.find(name), [](const auto& file) {
        return sim::RoleOf(file.first) == sim::FileRole::kLog;
      });
      if (is_gone && is_oldest) return true;
      return LogShowsIt(before, after, name);
    }
    case sim::FileRole::kManifest:
      return is_gone || ManifestShowsIt(old, now->second);
    case sim::FileRole::kCurrent:
      return CurrentShowsIt(after);
    default:
      return true;
  }
}

}  // namespace

Files ReadFiles(sim::SimEnv* env, const std::string& dir) {
  Files files;
  const auto names = env->ListDir(dir);
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    if (auto bytes = env->ReadWholeFile(dir + "/" + name); bytes.ok()) files[name] = *bytes;
  }
  return files;
}

bool ApplyDamage(sim::SimEnv* env, const std::string& dir, const FileDamage& damage) {
  sim::Damage how = damage.how;
  how.path = FindFile(env, dir, damage.file, damage.nth);
  how.from = FindFile(env, dir, damage.from, damage.from_nth);
  if (how.path.empty()) return false;
  if (damage.removed) {
    const bool removed = env->RemoveFile(how.path).ok();
    env->SyncDirNow(dir);
    return removed;
  }
  Wrap(env, how.path, &how.offset);
  Wrap(env, how.from, &how.from_offset);
  return Inflict(env, how).ok();
}

FaultClass ClassOfDamage(const Files& before, const Files& after) {
  for (const auto& [name, bytes] : before) {
    const auto now = after.find(name);
    const bool is_same = now != after.end() && now->second == bytes;
    if (!is_same && !ShowsIt(before, after, name)) return FaultClass::kTailDamage;
  }
  return FaultClass::kDamage;
}

}  // namespace lsm::lab
