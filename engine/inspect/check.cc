#include "inspect/check.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <stage/version/version_set.h>
#include <stage/wal/wal.h>

#include "format/filename.h"
#include "inspect/findings.h"
#include "inspect/log_check.h"
#include "inspect/table_check.h"

namespace lsm {
namespace {

using inspect::Findings;
using inspect::LogsStated;
using inspect::TableCounts;

class DatabaseCheck {
 public:
  DatabaseCheck(Env* env, const std::string& dir, const Comparator* comparator,
                std::vector<Finding>* findings)
      : env_(env), dir_(dir), cmp_(comparator), findings_(findings) {}

  Status Run() {
    LSM_RETURN_IF_ERROR(List());
    AskForLock();
    LSM_RETURN_IF_ERROR(CheckManifest());
    CheckTables();
    CheckLogs();
    NoteRest();
    findings_.Note(dir_, fmt::format("checked {} tables ({} blocks, {}), {} logs", counts_.tables,
                                     counts_.blocks, EntriesText(), logs_));
    return Status::Ok();
  }

 private:
  Status List() {
    LSM_ASSIGN_OR_RETURN(names_, env_->ListDir(dir_));
    const auto of_database = [](const std::string& name) {
      const FileKind kind = ParseFileName(name).kind;
      return kind == FileKind::kCurrent || kind == FileKind::kManifest || kind == FileKind::kWal ||
             kind == FileKind::kTable;
    };
    if (std::none_of(names_.begin(), names_.end(), of_database)) {
      return Status::InvalidArgument(dir_ + " holds no database");
    }
    return Status::Ok();
  }

  // Asking creates the lock file, so that a missing one is not asked for.
  void AskForLock() {
    const std::string path = LockFileName(dir_);
    if (!env_->FileExists(path)) return;
    if (env_->LockFile(path).status().code() == StatusCode::kBusy) {
      findings_.Note(path,
                     "is held: the database is open, and what is being written may look "
                     "damaged");
    }
  }

  Status CheckManifest() {
    VersionOptions options;
    options.env = env_;
    options.dir = dir_;
    options.comparator = cmp_.user_comparator();
    auto versions = VersionSet::Recover(options);
    if (versions.ok()) {
      versions_ = std::move(*versions);
      NoteTornTail();
      return Status::Ok();
    }
    const Status& s = versions.status();
    if (s.code() == StatusCode::kInvalidArgument) return s;  // another comparator
    if (s.IsNotFound()) {
      findings_.Damage(CurrentFileName(dir_), "is missing");
    } else {
      findings_.Damage(FileOf(s), s);
    }
    return Status::Ok();
  }

  // The file with which a message about CURRENT or a manifest begins.
  std::string FileOf(const Status& status) const {
    for (const std::string& name : names_) {
      std::string path = PathIn(dir_, name);
      if (status.message().substr(0, path.size() + 1) == path + ":") return path;
    }
    return CurrentFileName(dir_);
  }

  void NoteTornTail() {
    const std::string path = ManifestFileName(dir_, versions_->manifest_number());
    const auto file = env_->OpenSequential(path);
    if (!file.ok()) return findings_.Damage(path, file.status());
    LogReader reader(file->get(), [](std::string_view) { return false; });
    std::string_view record;
    while (reader.Read(&record)) continue;
    if (const LogEnd end = reader.end(); end.kind != LogEndKind::kClean) {
      findings_.Note(path,
                     fmt::format("torn tail at offset {}: {}; its edit was never acknowledged",
                                 end.offset, end.reason));
    }
  }

  void CheckTables() {
    if (versions_ == nullptr) {
      for (const std::string& name : names_) {
        if (ParseFileName(name).kind != FileKind::kTable) continue;
        inspect::CheckTable(env_, PathIn(dir_, name), cmp_, nullptr, &findings_, &counts_);
      }
      return;
    }
    for (const Level& level : versions_->current()->levels) {
      for (const SortedRun& run : level.runs) {
        for (const FileRef& file : run) CheckTableOfTree(*file);
      }
    }
  }

  void CheckTableOfTree(const FileMeta& stated) {
    std::string path = TableFileName(dir_, stated.number);
    const std::string legacy = LegacyTableFileName(dir_, stated.number);
    if (!env_->FileExists(path)) {
      if (!env_->FileExists(legacy)) {
        return findings_.Damage(path, "is missing, and the manifest names it");
      }
      path = legacy;
    }
    live_tables_.insert(stated.number);
    inspect::CheckTable(env_, path, cmp_, &stated, &findings_, &counts_);
  }

  void CheckLogs() {
    std::optional<LogsStated> stated;
    if (versions_ != nullptr) {
      stated = LogsStated{versions_->log_number(), versions_->last_sequence(),
                          versions_->sequence_runs_ahead()};
    }
    std::vector<uint64_t> numbers;
    for (const std::string& name : names_) {
      const ParsedFileName file = ParseFileName(name);
      const bool live = !stated.has_value() || file.number >= stated->first;
      if (file.kind == FileKind::kWal && live) numbers.push_back(file.number);
    }
    std::sort(numbers.begin(), numbers.end());
    logs_ = numbers.size();
    inspect::CheckLogs(env_, dir_, numbers, stated, &findings_);
  }

  std::string EntriesText() const {
    if (counts_.uncounted == 0) return fmt::format("{} entries", counts_.entries);
    if (counts_.entries == 0) return "entries not counted";
    return fmt::format("{} entries, those of {} damaged tables not counted", counts_.entries,
                       counts_.uncounted);
  }

  // Files that nothing refers to.
  void NoteRest() {
    for (const std::string& name : names_) {
      if (const char* text = RestText(ParseFileName(name)); text != nullptr) {
        findings_.Note(PathIn(dir_, name), text);
      }
    }
  }

  const char* RestText(const ParsedFileName& file) const {
    constexpr const char* kOrphan = "belongs to nothing; the next open removes it";
    const bool known = versions_ != nullptr;
    switch (file.kind) {
      case FileKind::kTable:
        return known && live_tables_.count(file.number) == 0 ? kOrphan : nullptr;
      case FileKind::kWal:
        return known && file.number < versions_->log_number() ? kOrphan : nullptr;
      case FileKind::kManifest:
        return known && file.number < versions_->manifest_number() ? kOrphan
               : known && file.number > versions_->manifest_number()
                   ? "is newer than the manifest that CURRENT names; it does not count"
                   : nullptr;
      case FileKind::kTemp:
        return kOrphan;
      case FileKind::kLostDir:
        return "holds what a repair could not use";
      case FileKind::kUnknown:
        return "is no file of a database";
      default:
        return nullptr;
    }
  }

  Env* const env_;
  const std::string& dir_;
  const InternalKeyComparator cmp_;
  Findings findings_;
  std::vector<std::string> names_;
  std::unique_ptr<VersionSet> versions_;  // null: the manifest cannot be read
  std::set<uint64_t> live_tables_;
  TableCounts counts_;
  uint64_t logs_ = 0;
};

}  // namespace

Status CheckDatabase(Env* env, const std::string& dir, const Comparator* comparator,
                     std::vector<Finding>* findings) {
  return DatabaseCheck(env, dir, comparator, findings).Run();
}

}  // namespace lsm
