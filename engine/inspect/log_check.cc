#include "inspect/log_check.h"

#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <stage/wal/wal.h>

#include "format/batch.h"
#include "format/filename.h"

namespace lsm::inspect {
namespace {

// Nothing is known of what came before: no proof tells of a loss.
constexpr SequenceNumber kUnknown = UINT64_MAX;

// True for the empty batch that says: all up to its sequence number is durable.
bool IsProof(std::string_view record, SequenceNumber* synced) {
  WriteBatch batch;
  if (!WriteBatchRep::Parse(record, &batch).ok() || batch.Count() != 0) return false;
  *synced = WriteBatchRep::Sequence(batch);
  return true;
}

class LogsCheck {
 public:
  LogsCheck(Env* env, const std::optional<LogsStated>& stated, Findings* findings)
      : env_(env), stated_(stated), findings_(findings) {
    if (!stated_.has_value()) return;
    next_ = stated_->last_sequence + 1;
    may_overlap_ = stated_->sequence_runs_ahead;
  }

  void Check(const std::string& path) {
    path_ = path;
    records_ = updates_ = records_behind_ = 0;
    if (!stated_.has_value()) {
      next_ = kUnknown;
      may_overlap_ = true;
      end_.clear();
    }
    const auto file = env_->OpenSequential(path);
    if (!file.ok()) return findings_->Damage(path, file.status());
    LogReader reader(file->get(), [this](std::string_view record) {
      ++records_behind_;
      SequenceNumber synced = 0;
      return IsProof(record, &synced) && synced >= next_;
    });
    std::string_view record;
    while (reader.Read(&record)) {
      if (!Record(record)) return;
      ++records_;
    }
    End(reader.end(), reader.status());
  }

 private:
  // False if the log makes no sense from here on.
  bool Record(std::string_view record) {
    WriteBatch batch;
    if (const Status s = WriteBatchRep::Parse(record, &batch); !s.ok()) {
      if (end_.empty()) EndReplay(s.message());
      return true;
    }
    const SequenceNumber sequence = WriteBatchRep::Sequence(batch);
    if (batch.Count() == 0) {
      // While nothing is missing, the next number stands in an empty write of LevelDB's.
      const bool loss = sequence > next_ || (!end_.empty() && sequence == next_);
      if (loss && next_ != kUnknown) {
        findings_->Damage(
            path_, fmt::format("updates {} to {} had been synced and are lost ({})", next_,
                               sequence, end_.empty() ? "the log before ends too early" : end_));
      }
      return !loss || next_ == kUnknown;
    }
    if (!end_.empty()) return true;
    if (sequence != next_ && !(may_overlap_ && sequence < next_)) {
      EndReplay(fmt::format("expected update {}, found {}", next_, sequence));
      return true;
    }
    may_overlap_ = false;
    next_ = sequence + batch.Count();
    updates_ += batch.Count();
    return true;
  }

  void EndReplay(std::string_view reason) {
    end_ = fmt::format("{}: {}", path_, reason);
    findings_->Note(path_,
                    fmt::format("record {}: {}; nothing is taken from here on", records_, reason));
  }

  void End(const LogEnd& end, const Status& status) {
    const std::string counts = fmt::format("{} records, {} updates to replay", records_, updates_);
    switch (end.kind) {
      case LogEndKind::kClean:
        findings_->Note(path_, fmt::format("clean end at offset {}; {}", end.offset, counts));
        return;
      case LogEndKind::kTorn:
        Torn(end, counts);
        if (end_.empty()) end_ = fmt::format("{}: torn at offset {}", path_, end.offset);
        return;
      case LogEndKind::kCorrupt:
        findings_->Damage(path_, fmt::format("offset {}: {}; a record behind it proves that it had "
                                             "been synced; {}",
                                             end.offset, end.reason, counts));
        if (end_.empty()) end_ = fmt::format("{}: damaged at offset {}", path_, end.offset);
        return;
      case LogEndKind::kIoError:
        findings_->Damage(path_, status);
        return;
    }
  }

  void Torn(const LogEnd& end, const std::string& counts) {
    if (records_behind_ == 0) {
      return findings_->Note(path_, fmt::format("torn tail at offset {}: {}; nothing proves that "
                                                "it had been synced; {}",
                                                end.offset, end.reason, counts));
    }
    findings_->Suspect(
        path_, fmt::format("offset {}: {}; whole records behind it: {}; nothing proves that they "
                           "had been synced, and the next open drops them: copy the file first; {}",
                           end.offset, end.reason, records_behind_, counts));
  }

  Env* const env_;
  const std::optional<LogsStated>& stated_;
  Findings* const findings_;
  std::string path_;
  uint64_t records_ = 0, updates_ = 0;  // of this log
  uint64_t records_behind_ = 0;         // whole ones behind its bad spot, as far as was searched
  SequenceNumber next_ = kUnknown;      // that the next record must carry
  bool may_overlap_ = true;             // the first record may carry less
  std::string end_;                     // why replay has ended; empty: it has not
};

}  // namespace

void CheckLogs(Env* env, const std::string& dir, const std::vector<uint64_t>& numbers,
               const std::optional<LogsStated>& stated, Findings* findings) {
  // The entry of the first log was durable before the edit that names it.
  if (stated.has_value() && stated->first != 0 &&
      (numbers.empty() || numbers.front() != stated->first)) {
    findings->Damage(WalFileName(dir, stated->first), "is missing, and the manifest names it");
  }
  LogsCheck check(env, stated, findings);
  for (const uint64_t number : numbers) check.Check(WalFileName(dir, number));
}

}  // namespace lsm::inspect
