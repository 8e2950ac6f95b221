#include <stage/version/manifest_reader.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <stage/version/edit_codec.h>
#include <stage/version/tree_builder.h>
#include <stage/wal/wal.h>
#include "format/batch.h"
#include "format/filename.h"

namespace lsm {
namespace {

// Collects the edits of one manifest.
class Replay {
 public:
  explicit Replay(const VersionOptions& options)
      : options_(options),
        cmp_(options.comparator),
        builder_(cmp_, Tree(static_cast<size_t>(options.num_levels))) {}

  Status Add(const VersionEdit& edit) {
    if (edit.comparator.has_value()) {
      if (*edit.comparator != options_.comparator->Name()) {
        return Status::InvalidArgument(
            fmt::format("the database is ordered by comparator {}, the options say {}",
                        *edit.comparator, options_.comparator->Name()));
      }
      has_comparator_ = true;
    }
    KeepLargest(edit.log_number, &log_number_);
    KeepLargest(edit.next_file_number, &next_file_number_);
    KeepLargest(edit.last_sequence, &last_sequence_);
    if (edit.sequence_runs_ahead || edit.log_number.has_value()) {
      sequence_runs_ahead_ = edit.sequence_runs_ahead;
    }
    return builder_.Apply(edit);
  }

  Result<ManifestState> Finish() const {
    if (!has_comparator_) return Status::Corruption("no comparator");
    if (!log_number_.has_value()) return Status::Corruption("no log number");
    if (!next_file_number_.has_value()) return Status::Corruption("no next file number");
    if (!last_sequence_.has_value()) return Status::Corruption("no last sequence");
    LSM_ASSIGN_OR_RETURN(std::shared_ptr<const Tree> tree, builder_.Build());
    uint64_t largest = *log_number_;
    for (const Level& level : tree->levels) {
      for (const SortedRun& run : level.runs) {
        for (const FileRef& file : run) largest = std::max(largest, file->number);
      }
    }
    if (largest >= *next_file_number_) {
      return Status::Corruption(fmt::format("file number {} is in use, the next one would be {}",
                                            largest, *next_file_number_));
    }
    return ManifestState{WithDefaultRuns(std::move(tree)), *log_number_, *next_file_number_,
                         *last_sequence_, sequence_runs_ahead_};
  }

  // An edit that may stand behind those that were added: the next file number never goes back.
  bool IsNext(std::string_view record) const {
    VersionEdit edit;
    return DecodeEdit(record, &edit).ok() && !GoesBack(edit);
  }
  // What new space may show of a file that was removed: an edit of an older manifest, whose next
  // file number is at most this manifest's own; or a record of a log.
  bool IsStale(std::string_view record) const {
    VersionEdit edit;
    if (DecodeEdit(record, &edit).ok()) return GoesBack(edit);
    WriteBatch batch;
    return WriteBatchRep::Parse(record, &batch).ok();
  }

 private:
  bool GoesBack(const VersionEdit& edit) const {
    return edit.next_file_number.value_or(UINT64_MAX) < next_file_number_.value_or(0);
  }

  static void KeepLargest(const std::optional<uint64_t>& from, std::optional<uint64_t>* to) {
    if (from.has_value()) *to = std::max(*from, to->value_or(0));
  }

  const VersionOptions& options_;
  const InternalKeyComparator cmp_;
  TreeBuilder builder_;
  bool has_comparator_ = false;
  std::optional<uint64_t> log_number_, next_file_number_, last_sequence_;
  bool sequence_runs_ahead_ = false;
};

// The same status, with the place in front.
Status At(const std::string& where, const Status& status) {
  return Status(status.code(), fmt::format("{}: {}", where, status.message()));
}

// Behind stale bytes nothing is added; an edit that stands there tells of damage.
Status ReplayRecords(const std::string& path, LogReader* reader, Replay* replay) {
  std::string_view record;
  uint64_t records = 0;
  bool stale = false;
  for (; reader->Read(&record); ++records) {
    if (records > 0 && replay->IsStale(record)) {
      stale = true;
      continue;
    }
    if (stale) {
      return Status::Corruption(
          fmt::format("{}: record {}: an edit behind records of an older file", path, records));
    }
    VersionEdit edit;
    Status status = DecodeEdit(record, &edit);
    if (status.ok()) status = replay->Add(edit);
    if (!status.ok()) return At(fmt::format("{}: record {}", path, records), status);
  }
  const LogEnd end = reader->end();
  if (end.kind == LogEndKind::kIoError) return reader->status();
  const bool damaged = end.kind == LogEndKind::kCorrupt || records == 0;
  if (!damaged) return Status::Ok();
  const std::string reason = end.reason.empty() ? "no version edit" : end.reason;
  return Status::Corruption(fmt::format("{}: offset {}: {}", path, end.offset, reason));
}

}  // namespace

Result<ManifestState> ReadManifest(const VersionOptions& options, uint64_t manifest_number) {
  const std::string path = ManifestFileName(options.dir, manifest_number);
  auto file = options.env->OpenSequential(path);
  if (file.status().IsNotFound()) {
    return Status::Corruption(
        fmt::format("{} names {}, which does not exist", CurrentFileName(options.dir), path));
  }
  if (!file.ok()) return file.status();
  Replay replay(options);
  LogReader reader(file->get(),
                   [&replay](std::string_view record) { return replay.IsNext(record); });
  LSM_RETURN_IF_ERROR(ReplayRecords(path, &reader, &replay));
  auto state = replay.Finish();
  if (!state.ok()) return At(path, state.status());
  return state;
}

}  // namespace lsm
