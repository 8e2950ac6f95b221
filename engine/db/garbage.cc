// Removal of files that the newest durable edit has freed.
//
// A table goes when no tree that a reader may hold contains it; a log when it is older than
// log_number; a manifest when it is not the current one. After an error nothing is removed: the
// manifest may hold an edit that was reported as failed, or lack one that was reported as done.
#include <unordered_set>

#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"

namespace lsm {
namespace {

std::string PathOf(const std::string& dir, FileKind kind, uint64_t number) {
  switch (kind) {
    case FileKind::kWal:
      return WalFileName(dir, number);
    case FileKind::kManifest:
      return ManifestFileName(dir, number);
    default:
      return TableFileName(dir, number);
  }
}

void AddNumbers(const Tree& tree, std::unordered_set<uint64_t>* numbers) {
  for (const Level& level : tree.levels) {
    for (const SortedRun& run : level.runs) {
      for (const FileRef& file : run) numbers->insert(file->number);
    }
  }
}

}  // namespace

void DBImpl::DiscardOutputs(const std::vector<uint64_t>& numbers) {
  for (const uint64_t number : numbers) {
    pending_outputs_.erase(number);
    garbage_.push_back({FileKind::kTable, number});
  }
}

void DBImpl::CollectGarbage() {
  if (!error_.ok() || garbage_.empty()) return;
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
      needed = file.number >= versions_->log_number();
    } else {
      needed = file.number == versions_->manifest_number();
    }
    if (!needed) removable.push_back(file);
    return !needed;
  });
  garbage_waits_ = !garbage_.empty();
  std::vector<Garbage> failed;
  ++removals_running_;
  {
    MutexUnlock unlock(&mu_);
    for (const Garbage& file : removable) {
      if (file.kind == FileKind::kTable) tables_->Erase(file.number);
      std::string path = PathOf(dir_, file.kind, file.number);
      if (file.kind == FileKind::kTable && !env_->FileExists(path)) {
        path = LegacyTableFileName(dir_, file.number);
        if (!env_->FileExists(path)) continue;  // it failed before it was created
      }
      if (Status s = env_->RemoveFile(path); !s.ok()) {
        Log(LogLevel::kWarn, "obsolete file stays for now: " + s.ToString());
        failed.push_back(file);
      } else {
        Emit(event::FileRemoved{file.number, path.substr(dir_.size() + 1)});
      }
    }
  }
  garbage_.insert(garbage_.end(), failed.begin(), failed.end());
  --removals_running_;
  progress_cv_.SignalAll();
}

void DBImpl::OnIteratorDone() {
  if (!garbage_waits_.load(std::memory_order_relaxed) || closed_) return;
  MutexLock lock(&mu_);
  CollectGarbage();
}

// At the end of open nobody reads yet: whatever is not part of the state is left over from a crash.
void DBImpl::RemoveUnknownToTree() {
  auto names = env_->ListDir(dir_);
  if (!names.ok()) return;  // the files stay until the next open
  std::unordered_set<uint64_t> live;
  AddNumbers(*versions_->current(), &live);
  for (const std::string& name : *names) {
    const ParsedFileName file = ParseFileName(name);
    bool needed = true;
    switch (file.kind) {
      case FileKind::kTable:
        needed = live.count(file.number) > 0;
        break;
      case FileKind::kWal:
        needed = file.number >= versions_->log_number();
        break;
      case FileKind::kManifest:
        needed = file.number >= versions_->manifest_number();
        break;
      case FileKind::kTemp:
        needed = false;
        break;
      default:
        break;
    }
    if (needed) continue;
    if (Status s = env_->RemoveFile(dir_ + "/" + name); !s.ok()) {
      Log(LogLevel::kWarn, "obsolete file stays for now: " + s.ToString());
      if (file.kind != FileKind::kTemp) garbage_.push_back({file.kind, file.number});
    } else {
      Emit(event::FileRemoved{file.number, name});
    }
  }
}

}  // namespace lsm
