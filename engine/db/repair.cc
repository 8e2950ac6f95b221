// Repair: a new database from what can still be read.
//
//   1. which tables count: those of the manifest if it can be read, else all that are in the
//   directory
//      (then a table that was already replaced may bring back deleted keys; the report says so)
//   2. everything readable in those tables and in all logs is merged, by key and sequence number,
//   into
//      new tables: one sorted run in level 1, every version kept
//   3. what was not read to its end gets a second name in lost/
//   4. one edit, of the old manifest or the first of a new one, puts the new tables in the place of
//      all that was there
//   5. the old files are removed
// Before step 4 is durable the old files are all there, and a second Repair finds the same. Only
// damage counts as lost: another error of the machine ends the repair with that error.
#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "db/check_options.h"
#include "db/copy_file.h"
#include "db/log_file.h"
#include "db/run_iterator.h"
#include "db/table_writer.h"
#include "format/batch.h"
#include "format/filename.h"
#include "lsm/db.h"

namespace lsm {
namespace {

// In a directory without such a file there is nothing to repair, and nothing is made.
bool IsData(const std::string& name) {
  const FileKind kind = ParseFileName(name).kind;
  return kind == FileKind::kCurrent || kind == FileKind::kManifest || kind == FileKind::kWal ||
         kind == FileKind::kTable;
}

class Repairer {
 public:
  Repairer(const Options& options, const std::string& dir, std::string* report)
      : options_(options),
        env_(options.env),
        dir_(dir),
        cmp_(options.comparator),
        report_(report) {}

  Status Run() {
    LSM_ASSIGN_OR_RETURN(names_, env_->ListDir(dir_));
    if (std::none_of(names_.begin(), names_.end(), IsData)) {
      return Status::InvalidArgument(dir_ + " holds no database");
    }
    LSM_ASSIGN_OR_RETURN(lock_, env_->LockFile(LockFileName(dir_)));
    for (const std::string& name : names_) next_ = std::max(next_, ParseFileName(name).number + 1);
    OpenTables();
    LSM_RETURN_IF_ERROR(ChooseTables());
    LSM_RETURN_IF_ERROR(ReadTables());
    LSM_RETURN_IF_ERROR(ReadLogs());
    LSM_RETURN_IF_ERROR(WriteTables());
    LSM_RETURN_IF_ERROR(KeepEvidence());
    LSM_RETURN_IF_ERROR(Commit());
    return RemoveOldFiles();
  }

 private:
  template <class... Args>
  void Report(fmt::format_string<Args...> text, Args&&... args) {
    *report_ += fmt::format(text, std::forward<Args>(args)...) + "\n";
  }

  void OpenTables() {
    TableCacheOptions tables;
    tables.env = env_;
    tables.dir = dir_;
    tables.read_io = IoMode::kPlain;
    tables.max_open_files = static_cast<size_t>(options_.max_open_files);
    tables.table.comparator = cmp_;
    tables_ = std::make_unique<TableCache>(std::move(tables));
  }

  VersionOptions ManifestOptions() const {
    VersionOptions options;
    options.env = env_;
    options.dir = dir_;
    options.comparator = options_.comparator;
    options.num_levels = options_.num_levels;
    return options;
  }

  Status ChooseTables() {
    auto versions = VersionSet::Recover(ManifestOptions());
    if (versions.ok()) {
      sequence_ = (*versions)->last_sequence();
      first_log_ = (*versions)->log_number();
      // Files that the manifest knows may be missing: their numbers are taken all the same.
      next_ = std::max(next_, (*versions)->NewFileNumber());
      for (const Level& level : (*versions)->current()->levels) {
        for (const SortedRun& run : level.runs) {
          for (const FileRef& file : run) chosen_.insert(file->number);
        }
      }
      Report("manifest: sound, names {} tables", chosen_.size());
      versions_ = std::move(*versions);
      return Status::Ok();
    }
    if (!IsDamage(versions.status())) return versions.status();
    Report(
        "manifest: lost ({}); all tables in the directory are taken, so a deleted key may be back",
        versions.status().ToString());
    for (const std::string& name : names_) {
      const ParsedFileName file = ParseFileName(name);
      if (file.kind == FileKind::kTable) chosen_.insert(file.number);
    }
    return Status::Ok();
  }

  // Finds out what can be read: a table that cannot be read to its end gives what stands before the
  // first damage and behind the last, copied into memory.
  Status ReadTables() {
    for (const uint64_t number : chosen_) {
      auto table = tables_->Get(number);
      Status s = table.ok() ? (*table)->VerifyChecksums() : table.status();
      auto meta = std::make_shared<FileMeta>();
      meta->number = number;
      if (s.ok()) s = ReadBounds(**table, meta.get());
      if (s.ok()) {
        sound_.push_back(std::move(meta));
        continue;
      }
      if (!IsDamage(s)) return s;
      damaged_.insert(number);
      uint64_t saved = 0;
      if (table.ok()) saved = Salvage(**table);
      Report("table {}: {}; {} entries before and behind the damage saved, the others lost", number,
             s.ToString(), saved);
    }
    Report("tables: {} sound, {} damaged", sound_.size(), damaged_.size());
    GroupIntoRuns();
    return Status::Ok();
  }

  // As few runs as a greedy choice gives: each run needs an open table while it is merged.
  void GroupIntoRuns() {
    std::sort(sound_.begin(), sound_.end(), [this](const FileRef& a, const FileRef& b) {
      return cmp_.Compare(a->smallest, b->smallest) < 0;
    });
    for (FileRef& file : sound_) {
      const auto fits = [&](const SortedRun& run) {
        return cmp_.CompareUserKeys(ExtractUserKey(run.back()->largest),
                                    ExtractUserKey(file->smallest)) < 0;
      };
      auto run = std::find_if(runs_.begin(), runs_.end(), fits);
      if (run == runs_.end()) run = runs_.emplace(runs_.end());
      run->push_back(std::move(file));
    }
  }

  static bool IsDamage(const Status& s) { return s.IsCorruption() || s.IsNotFound(); }

  // The first and the last key: seeking in a run rests on them.
  static Status ReadBounds(const Table& table, FileMeta* meta) {
    Table::Iterator it(&table, false);
    it.SeekToFirst();
    if (it.Valid()) meta->smallest = it.key();
    LSM_RETURN_IF_ERROR(it.status());
    it.SeekToLast();
    if (it.Valid()) meta->largest = it.key();
    LSM_RETURN_IF_ERROR(it.status());
    ParsedInternalKey key;
    const bool sound =
        ParseInternalKey(meta->smallest, &key) && ParseInternalKey(meta->largest, &key);
    return sound ? Status::Ok() : Status::Corruption("its first or last key makes no sense");
  }

  // Copies what stands before the first damage and behind the last.
  uint64_t Salvage(const Table& table) {
    std::vector<std::pair<std::string, std::string>> entries;
    Table::Iterator it(&table, false);
    ParsedInternalKey key;
    for (it.SeekToFirst(); it.Valid() && ParseInternalKey(it.key(), &key); it.Next()) {
      entries.emplace_back(it.key(), it.value());
    }
    const std::string last_in_front = entries.empty() ? std::string() : entries.back().first;
    for (it.SeekToLast(); it.Valid() && ParseInternalKey(it.key(), &key); it.Prev()) {
      if (!last_in_front.empty() && cmp_.Compare(it.key(), last_in_front) <= 0) break;
      entries.emplace_back(it.key(), it.value());
    }
    // A memtable wants ascending sequence numbers.
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return ExtractTag(a.first) < ExtractTag(b.first);
    });
    auto memory = std::make_unique<MemTable>(cmp_);
    for (const auto& [internal_key, value] : entries) {
      ParseInternalKey(internal_key, &key);
      memory->Add(key.sequence, key.type, key.user_key, value);
    }
    if (!entries.empty()) memory_.push_back(std::move(memory));
    return entries.size();
  }

  Status ReadLogs() {
    std::vector<uint64_t> numbers;
    for (const std::string& name : names_) {
      const ParsedFileName file = ParseFileName(name);
      if (file.kind == FileKind::kWal && file.number >= first_log_) numbers.push_back(file.number);
    }
    std::sort(numbers.begin(), numbers.end());
    for (const uint64_t number : numbers) {
      LSM_ASSIGN_OR_RETURN(auto file, env_->OpenSequential(WalFileName(dir_, number)));
      LogReader reader(file.get(), [](std::string_view) { return false; });
      auto memory = std::make_unique<MemTable>(cmp_);
      uint64_t updates = 0;
      std::string_view record;
      while (reader.Read(&record)) {
        WriteBatch batch;
        if (!WriteBatchRep::Parse(record, &batch).ok()) break;
        SequenceNumber sequence = WriteBatchRep::Sequence(batch);
        for (BatchReader it(record); it.Next(); ++sequence, ++updates) {
          memory->Add(sequence, it.type(), it.key(), it.value());
          sequence_ = std::max(sequence_, sequence);
        }
      }
      const LogEnd end = reader.end();
      if (end.kind == LogEndKind::kIoError) return reader.status();
      if (end.kind != LogEndKind::kClean) torn_logs_.insert(number);
      Report("log {}: {} updates saved{}", number, updates,
             end.kind == LogEndKind::kClean
                 ? std::string()
                 : fmt::format(", lost from offset {} on ({})", end.offset, end.reason));
      if (updates > 0) memory_.push_back(std::move(memory));
    }
    return Status::Ok();
  }

  Status WriteTables() {
    std::vector<InternalSource> sources;
    for (const auto& memory : memory_) sources.emplace_back(MemTable::Iterator(memory.get()));
    for (const SortedRun& run : runs_) {
      sources.emplace_back(RunIterator(&run, &cmp_, tables_.get(), false));
    }
    const TableTarget target = TargetOf(options_, TreeShape(1, LevelShape{1, 1}), 0);
    TableWriter writer(options_, target, dir_, cmp_, tables_.get());
    MergingIterator<InternalSource> it(cmp_, std::move(sources));
    std::string last_key;
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
      ParsedInternalKey key;
      if (!ParseInternalKey(it.key(), &key)) continue;
      if (last_key == it.key()) continue;  // in a log and in a table that was made from it
      sequence_ = std::max(sequence_, key.sequence);
      const bool new_key =
          last_key.empty() || cmp_.CompareUserKeys(ExtractUserKey(last_key), key.user_key) != 0;
      if (writer.IsOpen() && new_key && writer.FileBytes() >= options_.max_file_bytes) {
        LSM_RETURN_IF_ERROR(FinishTable(&writer));
      }
      if (!writer.IsOpen()) LSM_RETURN_IF_ERROR(writer.Open(next_++));
      last_key.assign(it.key());
      LSM_RETURN_IF_ERROR(writer.Add(it.key(), it.value()));
      ++entries_;
    }
    LSM_RETURN_IF_ERROR(it.status());
    if (writer.IsOpen()) LSM_RETURN_IF_ERROR(FinishTable(&writer));
    return env_->SyncDir(dir_);
  }

  Status FinishTable(TableWriter* writer) {
    LSM_ASSIGN_OR_RETURN(FileMeta meta, writer->Finish());
    new_tables_.push_back(std::move(meta));
    return Status::Ok();
  }

  // Whether all of the file was read, or nothing in it matters any more.
  bool WasRead(const ParsedFileName& file) const {
    switch (file.kind) {
      case FileKind::kTable:
        return chosen_.count(file.number) > 0 && damaged_.count(file.number) == 0;
      case FileKind::kWal:
        return torn_logs_.count(file.number) == 0;
      case FileKind::kManifest:
      case FileKind::kCurrent:
        return versions_ != nullptr;
      default:
        return true;
    }
  }

  Status KeepEvidence() {
    const std::string lost = LostDirName(dir_);
    bool kept = false;
    for (const std::string& name : names_) {
      if (WasRead(ParseFileName(name))) continue;
      LSM_RETURN_IF_ERROR(env_->CreateDir(lost));
      std::string to = PathIn(lost, name);  // of an earlier repair may stand there: never replaced
      for (int n = 1; env_->FileExists(to); ++n) to = fmt::format("{}/{}.{}", lost, name, n);
      LSM_RETURN_IF_ERROR(LinkOrCopy(env_, PathIn(dir_, name), to));
      Report("{} was not read to its end: kept as {}", name, to);
      kept = true;
    }
    return kept ? env_->SyncDir(lost) : Status::Ok();
  }

  Status Commit() {
    // An empty log for the edit to name: all older logs are obsolete with it.
    const uint64_t log_number = next_++;
    LSM_ASSIGN_OR_RETURN(auto log, LogFile::Create(env_, dir_, log_number, {}));
    LSM_RETURN_IF_ERROR(log->Close());
    LSM_RETURN_IF_ERROR(env_->SyncDir(dir_));
    VersionEdit edit;
    edit.log_number = log_number;
    edit.last_sequence = sequence_;
    edit.next_file_number = next_;
    for (FileMeta& meta : new_tables_) edit.added.emplace_back(1, std::move(meta));
    Report("new tree: {} entries in {} tables, last sequence {}", entries_, new_tables_.size(),
           sequence_);
    if (versions_ != nullptr) {
      const std::shared_ptr<const Tree> tree = versions_->current();
      for (size_t level = 0; level < tree->levels.size(); ++level) {
        for (const SortedRun& run : tree->levels[level].runs) {
          for (const FileRef& file : run) edit.removed.emplace_back(level, file->number);
        }
      }
      versions_->MarkFileNumberUsed(next_ -
                                    1);  // a manifest of an interrupted repair may stand there
      return versions_->Apply(edit);
    }
    if (env_->FileExists(CurrentFileName(dir_))) {  // unreadable; its second name is in lost/
      LSM_RETURN_IF_ERROR(env_->RemoveFile(CurrentFileName(dir_)));
    }
    LSM_ASSIGN_OR_RETURN(versions_, VersionSet::Create(ManifestOptions(), edit));
    return Status::Ok();
  }

  Status RemoveOldFiles() {
    for (const std::string& name : names_) {
      const FileKind kind = ParseFileName(name).kind;
      if (kind == FileKind::kTable || kind == FileKind::kWal || kind == FileKind::kManifest) {
        LSM_RETURN_IF_ERROR(env_->RemoveFile(PathIn(dir_, name)));
      }
    }
    return env_->SyncDir(dir_);
  }

  const Options& options_;
  Env* const env_;
  const std::string dir_;
  const InternalKeyComparator cmp_;
  std::string* const report_;
  std::unique_ptr<FileLock> lock_;
  std::vector<std::string> names_;
  std::unique_ptr<TableCache> tables_;
  std::unique_ptr<VersionSet> versions_;  // null: the manifest could not be read
  std::set<uint64_t> chosen_, damaged_, torn_logs_;
  uint64_t first_log_ = 0, next_ = 1, entries_ = 0;
  SequenceNumber sequence_ = 0;
  std::vector<FileRef> sound_;
  std::deque<SortedRun> runs_;                     // of the sound tables
  std::vector<std::unique_ptr<MemTable>> memory_;  // logs, and what damaged tables gave
  std::vector<FileMeta> new_tables_;
};

}  // namespace

Status DB::Repair(const Options& options, const std::string& path, std::string* report) {
  LSM_RETURN_IF_ERROR(CheckOptions(options));
  report->clear();
  return Repairer(options, path, report).Run();
}

}  // namespace lsm
