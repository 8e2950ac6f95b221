// The read path. No reader takes the database's mutex but to make or release a snapshot.
//
// Order matters: first the view, then the sequence number. Everything that the view lacks was
// written after the read began, and a compaction can only drop versions from trees that are newer
// than the view. A point lookup asks newest to oldest: active memtable, sealed ones, level 0 by
// file number, then one table a level. The key is hashed once, and each table's filter is asked
// before its index.
#include <fmt/format.h>

#include "base/marks.h"
#include "db/db_impl.h"
#include "db/db_iterator.h"

namespace lsm {

std::shared_ptr<const ReadView> DBImpl::View() {
  MutexLock lock(&view_mu_);
  return view_;
}

void DBImpl::PublishView() {
  auto view = std::make_shared<ReadView>();
  view->active = active_.table;
  for (auto it = sealed_.rbegin(); it != sealed_.rend(); ++it) view->sealed.push_back(it->table);
  view->tree = versions_->current();
  l0_runs_ = view->tree->levels[0].runs.size();
  std::shared_ptr<const ReadView> old = std::move(view);
  MutexLock lock(&view_mu_);
  view_.swap(old);
}  // the old view is destroyed after the lock is released

Status DBImpl::Get(const ReadOptions& options, std::string_view key, std::string* value) {
  LSM_RETURN_IF_ERROR(CheckOpen());
  const std::shared_ptr<const ReadView> view = View();
  SchedulePoint(env_, "get");
  const SequenceNumber sequence = options.snapshot != nullptr
                                      ? options.snapshot->sequence()
                                      : last_sequence_.load(std::memory_order_acquire);
  return GetAt(*view, key, sequence, value);
}

std::vector<Status> DBImpl::MultiGet(const ReadOptions& options,
                                     std::span<const std::string_view> keys,
                                     std::vector<std::string>* values) {
  values->assign(keys.size(), std::string());
  if (Status s = CheckOpen(); !s.ok()) return std::vector<Status>(keys.size(), s);
  const std::shared_ptr<const ReadView> view = View();
  const SequenceNumber sequence = options.snapshot != nullptr
                                      ? options.snapshot->sequence()
                                      : last_sequence_.load(std::memory_order_acquire);
  std::vector<Status> statuses;
  statuses.reserve(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    statuses.push_back(GetAt(*view, keys[i], sequence, &(*values)[i]));
  }
  return statuses;
}

Status DBImpl::GetAt(const ReadView& view, std::string_view key, SequenceNumber sequence,
                     std::string* value) {
  Add(counters_.gets);
  const LookupKey lookup(key, sequence);
  const auto answer = [&](LookupState state, const char* place) {
    if (options_.listener != nullptr) {
      Emit(event::LookupHop{std::string(key), place,
                            state == LookupState::kFound ? "found" : "deleted"});
    }
    if (state == LookupState::kDeleted) return Status::NotFound({});
    Add(counters_.gets_found);
    return Status::Ok();
  };
  LookupState state = view.active->Get(lookup, value);
  if (state != LookupState::kAbsent) return answer(state, "memtable");
  for (const std::shared_ptr<const MemTable>& table : view.sealed) {
    state = table->Get(lookup, value);
    if (state != LookupState::kAbsent) return answer(state, "immutable");
  }
  return GetFromTables(*view.tree, lookup, value);
}

Status DBImpl::GetFromTables(const Tree& tree, const LookupKey& key, std::string* value) {
  const uint64_t hash = Bloom::Hash(key.user_key());
  for (size_t level = 0; level < tree.levels.size(); ++level) {
    for (const SortedRun& run : tree.levels[level].runs) {
      const size_t index = FindFile(run, cmp_, key.internal_key());
      if (index == run.size()) continue;
      const FileMeta& file = *run[index];
      if (cmp_.CompareUserKeys(key.user_key(), ExtractUserKey(file.smallest)) < 0) continue;
      LookupState state = LookupState::kAbsent;
      LSM_RETURN_IF_ERROR(ProbeTable(file, static_cast<int>(level), hash, key, value, &state));
      if (state == LookupState::kDeleted) return Status::NotFound({});
      if (state == LookupState::kFound) {
        Add(counters_.gets_found);
        return Status::Ok();
      }
    }
  }
  return Status::NotFound({});
}

Status DBImpl::ProbeTable(const FileMeta& file, int level, uint64_t hash, const LookupKey& key,
                          std::string* value, LookupState* state) {
  LSM_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table, tables_->Get(file.number));
  const bool filtered = options_.bits_per_key > 0;
  const char* answer = "filter-no";
  Add(counters_.filter_probes, filtered ? 1 : 0);
  if (!table->MayContain(hash)) {
    LSM_MARK(filter_negative);
    Add(counters_.filter_negatives);
  } else {
    Add(counters_.tables_probed);
    LSM_RETURN_IF_ERROR(table->Get(key, value, state));
    const bool absent = *state == LookupState::kAbsent;
    if (absent && filtered) {
      LSM_MARK(filter_false_positive);
      Add(counters_.filter_false_positives);
    }
    answer = *state == LookupState::kFound     ? "found"
             : *state == LookupState::kDeleted ? "deleted"
             : filtered                        ? "false-positive"
                                               : "miss";
  }
  if (options_.listener != nullptr) {
    Emit(event::LookupHop{std::string(key.user_key()), fmt::format("L{}:{}", level, file.number),
                          answer});
  }
  return Status::Ok();
}

std::unique_ptr<Iterator> DBImpl::NewIterator(const ReadOptions& options) {
  if (Status s = CheckOpen(); !s.ok()) return NewErrorIterator(std::move(s));
  Add(counters_.iterators);
  std::shared_ptr<const ReadView> view = View();
  SchedulePoint(env_, "iterator");
  const SequenceNumber sequence = options.snapshot != nullptr
                                      ? options.snapshot->sequence()
                                      : last_sequence_.load(std::memory_order_acquire);
  return NewDbIterator(this, std::move(view), cmp_, tables_.get(), sequence, options);
}

const Snapshot* DBImpl::GetSnapshot() {
  MutexLock lock(&mu_);
  if (installing_) LSM_MARK(snapshot_during_install);
  return snapshots_.Add(last_sequence_);
}

void DBImpl::ReleaseSnapshot(const Snapshot* snapshot) {
  MutexLock lock(&mu_);
  snapshots_.Remove(snapshot);
}

}  // namespace lsm
