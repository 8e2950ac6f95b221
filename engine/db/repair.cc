// Repair: a new database from what can still be read.
//
//   1. which tables count: those of the manifest if it can be read, else all that are in the
//   directory
//      (then a table that was already replaced may bring back deleted keys; the report says so)
//   2. everything readable in those tables and in all logs is merged, by key and sequence number,
//   into
//      new tables: one sorted run in level 1, every version kept
//   3. the old manifest, CURRENT, logs and damaged tables move to lost/; sound tables are removed
//   4. a new manifest names the new tables
// Until step 4 is durable a second Repair finds at least the same data. Nothing unread is deleted.
#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "db/check_options.h"
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
    LSM_RETURN_IF_ERROR(MoveOldFiles());
    return WriteManifest();
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
      for (const Level& level : (*versions)->current()->levels) {
        for (const SortedRun& run : level.runs) {
          for (const FileRef& file : run) chosen_.insert(file->number);
        }
      }
      Report("manifest: sound, names {} tables", chosen_.size());
      return Status::Ok();
    }
    if (versions.status().code() == StatusCode::kInvalidArgument) return versions.status();
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
  // first damage, copied into memory.
  Status ReadTables() {
    for (const uint64_t number : chosen_) {
      auto table = tables_->Get(number);
      Status s = table.ok() ? (*table)->VerifyChecksums() : table.status();
      auto meta = std::make_shared<FileMeta>();
      meta->number = number;
      if (s.ok()) s = ReadBounds(**table, meta.get());
      if (s.ok()) {
        runs_.push_back({std::move(meta)});
        continue;
      }
      damaged_.insert(number);
      uint64_t saved = 0;
      if (table.ok()) saved = Salvage(**table);
      Report("table {}: {}; {} entries saved", number, s.ToString(), saved);
    }
    Report("tables: {} sound, {} damaged", runs_.size(), damaged_.size());
    return Status::Ok();
  }

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

  uint64_t Salvage(const Table& table) {
    auto memory = std::make_unique<MemTable>(cmp_);
    Table::Iterator it(&table, false);
    uint64_t saved = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next(), ++saved) {
      ParsedInternalKey key;
      if (!ParseInternalKey(it.key(), &key)) break;
      memory->Add(key.sequence, key.type, key.user_key, it.value());
      sequence_ = std::max(sequence_, key.sequence);
    }
    if (saved > 0) memory_.push_back(std::move(memory));
    return saved;
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
    TableWriter writer(options_, dir_, cmp_, tables_.get());
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

  Status MoveOldFiles() {
    const std::string lost = LostDirName(dir_);
    bool made = false;
    for (const std::string& name : names_) {
      const ParsedFileName file = ParseFileName(name);
      const bool sound_table = file.kind == FileKind::kTable && chosen_.count(file.number) > 0 &&
                               damaged_.count(file.number) == 0;
      switch (file.kind) {
        case FileKind::kUnknown:
        case FileKind::kLostDir:
        case FileKind::kLock:
        case FileKind::kInfoLog:
          continue;
        default:
          break;
      }
      const std::string path = dir_ + "/" + name;
      if (sound_table) {
        obsolete_.push_back(path);
        continue;
      }
      if (!made) LSM_RETURN_IF_ERROR(env_->CreateDir(lost));
      made = true;
      LSM_RETURN_IF_ERROR(env_->RenameFile(path, lost + "/" + name));
    }
    if (made) LSM_RETURN_IF_ERROR(env_->SyncDir(lost));
    return env_->SyncDir(dir_);
  }

  Status WriteManifest() {
    LSM_ASSIGN_OR_RETURN(auto versions, VersionSet::Create(ManifestOptions()));
    versions->MarkFileNumberUsed(next_);
    VersionEdit edit;
    edit.last_sequence = sequence_;
    for (FileMeta& meta : new_tables_) edit.added.emplace_back(1, std::move(meta));
    LSM_RETURN_IF_ERROR(versions->Apply(edit));
    for (const std::string& path : obsolete_) LSM_RETURN_IF_ERROR(env_->RemoveFile(path));
    Report("new tree: {} entries in {} tables, last sequence {}", entries_, new_tables_.size(),
           sequence_);
    return Status::Ok();
  }

  const Options& options_;
  Env* const env_;
  const std::string dir_;
  const InternalKeyComparator cmp_;
  std::string* const report_;
  std::unique_ptr<FileLock> lock_;
  std::vector<std::string> names_;
  std::unique_ptr<TableCache> tables_;
  std::set<uint64_t> chosen_, damaged_;
  uint64_t first_log_ = 0, next_ = 1, entries_ = 0;
  SequenceNumber sequence_ = 0;
  std::deque<SortedRun> runs_;                     // one sound table each
  std::vector<std::unique_ptr<MemTable>> memory_;  // logs, and what damaged tables gave
  std::vector<FileMeta> new_tables_;
  std::vector<std::string> obsolete_;
};

}  // namespace

Status DB::Repair(const Options& options, const std::string& path, std::string* report) {
  LSM_RETURN_IF_ERROR(CheckOptions(options));
  report->clear();
  return Repairer(options, path, report).Run();
}

}  // namespace lsm
