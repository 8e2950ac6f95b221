// Removal of files that the newest durable edit has freed.
//
// A table goes when no tree that a reader may hold contains it; a log when it is older than
// log_number; a manifest when it is not the current one. After an error nothing is removed: the
// manifest may hold an edit that was reported as failed, or lack one that was reported as done.
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"

namespace lsm {
namespace {

void AddNumbers(const Tree& tree, std::unordered_set<uint64_t>* numbers) {
  for (const Level& level : tree.levels) {
    for (const SortedRun& run : level.runs) {
      for (const FileRef& file : run) numbers->insert(file->number);
    }
  }
}

}  // namespace

std::string DBImpl::PathOf(const Garbage& file) const {
  switch (file.kind) {
    case FileKind::kTemp:
      return TempFileName(dir_, file.number);
    case FileKind::kWal:
      return WalFileName(dir_, file.number);
    case FileKind::kManifest:
      return ManifestFileName(dir_, file.number);
    default:
      return TableFileName(dir_, file.number);
  }
}

void DBImpl::DiscardOutputs(const std::vector<uint64_t>& numbers) {
  for (const uint64_t number : numbers) {
    pending_outputs_.erase(number);
    garbage_.push_back({FileKind::kTable, number});
  }
}

void DBImpl::CollectGarbage() {
  if (!error_.ok() || garbage_.empty()) return;
  garbage_waits_ = true;  // before the look at who holds what: whoever lets go later, collects
  std::unordered_set<uint64_t> current, live;
  AddNumbers(*versions_->current(), &current);
  for (const std::weak_ptr<const Tree>& weak : live_trees_) {
    if (const std::shared_ptr<const Tree> tree = weak.lock()) AddNumbers(*tree, &live);
  }
  std::vector<Garbage> removable;
  std::erase_if(garbage_, [&](const Garbage& file) {
    bool needed = false;
    if (file.kind == FileKind::kTable) {
      needed = current.count(file.number) > 0 || pending_outputs_.count(file.number) > 0;
      if (!needed && live.count(file.number) > 0) {
        LSM_MARK(iterator_pinned_obsolete_file);
        needed = true;
      }
    } else if (file.kind == FileKind::kWal) {
      needed = file.number >= log_number_;
    } else if (file.kind == FileKind::kManifest) {
      needed = file.number >= manifest_number_;
    }
    if (!needed) removable.push_back(file);
    return !needed;
  });
  std::vector<Garbage> failed;
  ++removals_running_;
  {
    MutexUnlock unlock(&mu_);
    for (const Garbage& file : removable) {
      if (file.kind == FileKind::kTable) tables_->Erase(file.number);
      std::string path = PathOf(file);
      if (file.kind == FileKind::kTable && !env_->FileExists(path)) {
        path = LegacyTableFileName(dir_, file.number);
        if (!env_->FileExists(path)) continue;  // it failed before it was created
      }
      // A removal that was reported as failed may have happened: NotFound is as good.
      if (Status s = env_->RemoveFile(path); !s.ok() && !s.IsNotFound()) {
        Log(LogLevel::kWarn, "obsolete file stays for now: " + s.ToString());
        failed.push_back(file);
      } else {
        Emit(event::FileRemoved{file.number, path.substr(dir_.size() + 1)});
      }
    }
  }
  garbage_.insert(garbage_.end(), failed.begin(), failed.end());
  garbage_waits_ = !garbage_.empty();
  --removals_running_;
  progress_cv_.SignalAll();
}

void DBImpl::OnIteratorDone() {
  if (!garbage_waits_.load(std::memory_order_relaxed) || closed_) return;
  MutexLock lock(&mu_);
  CollectGarbage();
}

// Numbered files in the directory that nothing refers to: left over from a crash, or from a file
// operation that failed half-way. Requires that no job writes files.
Result<std::vector<DBImpl::Garbage>> DBImpl::Orphans() {
  std::set<std::pair<FileKind, uint64_t>> known;
  for (const Garbage& file : garbage_) known.insert({file.kind, file.number});
  std::unordered_set<uint64_t> tables;
  AddNumbers(*versions_->current(), &tables);
  for (const uint64_t number : tables) known.insert({FileKind::kTable, number});
  for (const uint64_t number : pending_outputs_) known.insert({FileKind::kTable, number});
  known.insert({FileKind::kWal, active_.log->number()});
  for (const LoggedMemTable& memtable : sealed_) {
    known.insert({FileKind::kWal, memtable.log->number()});
  }
  known.insert({FileKind::kManifest, manifest_number_});
  known.insert({FileKind::kWal, new_log_});
  LSM_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_->ListDir(dir_));
  std::vector<Garbage> orphans;
  for (const std::string& name : names) {
    const ParsedFileName file = ParseFileName(name);
    switch (file.kind) {
      case FileKind::kTable:
      case FileKind::kWal:
      case FileKind::kManifest:
      case FileKind::kTemp:
        if (known.count({file.kind, file.number}) == 0) orphans.push_back({file.kind, file.number});
        break;
      default:
        break;
    }
  }
  return orphans;
}

Status DBImpl::FindOrphans() {
  while (removals_running_ > 0) progress_cv_.Wait();
  LSM_ASSIGN_OR_RETURN(const std::vector<Garbage> orphans, Orphans());
  garbage_.insert(garbage_.end(), orphans.begin(), orphans.end());
  return Status::Ok();
}

}  // namespace lsm
