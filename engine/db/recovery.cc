// Replay of the logs.
//
// Logs are replayed in the order of their numbers. Replay ends for good at the first record that is
// torn, or whose sequence number is not the next one: then a tail was lost, and going on behind it
// would leave a hole. If something behind the end proves that the lost part had been synced, the
// directory is damaged and open fails; otherwise it was a crash, and what was read is the state.
//
// New space of a log may show the bytes of logs that were removed. Every update in those has a
// number that the manifest's last_sequence has reached, so none of them can be the next one:
//   1. the first record continues behind last_sequence too, unless LevelDB wrote the manifest
//   2. the numbers of updates that are not replayed are not given out again
//   3. a record that is no batch was written to another kind of file
#include <algorithm>

#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"

namespace lsm {

struct DBImpl::Replay {
  VersionEdit* edit = nullptr;
  SequenceNumber next = 0;     // that the next record must carry
  bool may_overlap = false;    // LevelDB's manifest: the first record may carry less
  SequenceNumber highest = 0;  // of all updates that stand in the logs, replayed or not
  bool ended = false;          // at a torn tail or gap: later logs only prove
  std::string end_reason;
  std::shared_ptr<MemTable> table;

  void NoteNumbers(const WriteBatch& batch);
  bool ProvesLoss(std::string_view record);
};

// More updates than this are not lost behind a torn tail. What looks like a record there may be a
// piece of a value, and must not use up the numbers.
constexpr SequenceNumber kLostUpdatesMax = SequenceNumber{1} << 32;

void DBImpl::Replay::NoteNumbers(const WriteBatch& batch) {
  const SequenceNumber sequence = WriteBatchRep::Sequence(batch);
  if (batch.Count() == 0 || sequence > next + kLostUpdatesMax) return;
  highest = std::max(highest, sequence + batch.Count() - 1);
}

// A synced-up-to proof that covers more than was read. Asked for the records behind a bad spot.
bool DBImpl::Replay::ProvesLoss(std::string_view record) {
  WriteBatch batch;
  if (!WriteBatchRep::Parse(record, &batch).ok()) return false;
  NoteNumbers(batch);
  return batch.Count() == 0 && WriteBatchRep::Sequence(batch) >= next;
}

Status DBImpl::ReplayLogs(VersionEdit* edit) {
  LSM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_->ListDir(dir_));
  std::vector<uint64_t> logs;
  for (const std::string& name : names) {
    const ParsedFileName parsed = ParseFileName(name);
    if (parsed.kind == FileKind::kWal && parsed.number >= versions_->log_number()) {
      logs.push_back(parsed.number);
    }
  }
  std::sort(logs.begin(), logs.end());
  // The entry of this log was durable before the edit that names it.
  const uint64_t first = versions_->log_number();
  if (first != 0 && (logs.empty() || logs.front() != first)) {
    return Status::Corruption("write-ahead log " + WalFileName(dir_, first) + " is missing");
  }
  Replay replay;
  replay.edit = edit;
  replay.next = versions_->last_sequence() + 1;
  replay.may_overlap = versions_->sequence_runs_ahead();
  replay.table = std::make_shared<MemTable>(cmp_);
  if (logs.size() > 1) LSM_MARK(recovery_several_logs);
  for (const uint64_t number : logs) LSM_RETURN_IF_ERROR(ReplayLog(number, &replay));
  last_sequence_ = std::max(last_sequence_.load(), replay.highest);
  return FlushReplayed(&replay);
}

Status DBImpl::ReplayLog(uint64_t number, Replay* replay) {
  const std::string path = WalFileName(dir_, number);
  LSM_ASSIGN_OR_RETURN(auto file, env_->OpenSequential(path));
  LogReader reader(file.get(),
                   [replay](std::string_view record) { return replay->ProvesLoss(record); });
  uint64_t records = 0;
  std::string_view record;
  while (reader.Read(&record)) {
    WriteBatch batch;
    ++records;
    if (const Status s = WriteBatchRep::Parse(record, &batch); !s.ok()) {
      if (!replay->ended) EndReplay(number, records, s.message(), replay);
      continue;
    }
    const SequenceNumber sequence = WriteBatchRep::Sequence(batch);
    replay->NoteNumbers(batch);
    if (batch.Count() == 0) {
      // While nothing is missing, a batch that carries the next number is an empty write of
      // LevelDB's.
      if (sequence > replay->next || (replay->ended && sequence == replay->next)) {
        return Status::Corruption(
            fmt::format("{}: updates {} to {} had been synced and are lost ({})", path,
                        replay->next, sequence, replay->end_reason));
      }
      continue;
    }
    if (replay->ended) continue;
    const bool is_next =
        sequence == replay->next || (replay->may_overlap && sequence < replay->next);
    if (!is_next) {
      LSM_MARK(wal_gap_between_logs);
      EndReplay(number, records,
                fmt::format("expected update {}, found {}", replay->next, sequence), replay);
      continue;
    }
    replay->may_overlap = false;
    replay->next = sequence + batch.Count();
    BatchReader updates(record);
    for (SequenceNumber s = sequence; updates.Next(); ++s) {
      replay->table->Add(s, updates.type(), updates.key(), updates.value());
    }
    last_sequence_ = std::max(last_sequence_.load(), replay->next - 1);
    if (replay->table->MemoryUsage() > options_.memtable_bytes) {
      LSM_RETURN_IF_ERROR(FlushReplayed(replay));
    }
  }
  const LogEnd end = reader.end();
  Emit(event::RecoveryStep{"log", number, end.offset, records});
  switch (end.kind) {
    case LogEndKind::kClean:
      return Status::Ok();
    case LogEndKind::kIoError:
      return reader.status();
    case LogEndKind::kCorrupt:
      LSM_MARK(wal_proof_of_damage);
      return Status::Corruption(
          fmt::format("{}: offset {}: {}; it had been synced", path, end.offset, end.reason));
    case LogEndKind::kTorn:
      LSM_MARK(wal_torn_tail);
      Log(LogLevel::kWarn,
          fmt::format("{}: torn tail at offset {}: {}", path, end.offset, end.reason));
      if (!replay->ended) {
        replay->ended = true;
        replay->end_reason = fmt::format("{}: torn at offset {}", path, end.offset);
      }
      return Status::Ok();
  }
  return Status::Ok();
}

void DBImpl::EndReplay(uint64_t number, uint64_t records, std::string_view reason, Replay* replay) {
  replay->ended = true;
  replay->end_reason = fmt::format("{}: {}", WalFileName(dir_, number), reason);
  Emit(event::RecoveryStep{"gap", number, 0, records});
}

Status DBImpl::FlushReplayed(Replay* replay) {
  if (replay->table->Entries() == 0) return Status::Ok();
  const uint64_t number = versions_->NewFileNumber();
  LSM_ASSIGN_OR_RETURN(FileMeta meta, BuildTable(*replay->table, number));
  replay->edit->added.emplace_back(0, std::move(meta));
  replay->table = std::make_shared<MemTable>(cmp_);
  return Status::Ok();
}

}  // namespace lsm
