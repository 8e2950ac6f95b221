// The read path. No reader takes the database's mutex but to make or release a snapshot.
//
// Order matters: first the view, then the sequence number. Everything that the view lacks was
// written after the read began, and a compaction can only drop versions from trees that are newer
// than the view. A point lookup asks newest to oldest: active memtable, sealed ones, then level by
// level and run by run the one table that may hold the key. The key is hashed once, and each
// table's filter is asked before its index.
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
  // Under FIFO level 0 holds all, and no writer would be helped by waiting.
  l0_runs_ = options_.policy == CompactionPolicy::kFifo ? 0 : view->tree->levels[0].runs.size();
  std::shared_ptr<const ReadView> old = std::move(view);
  MutexLock lock(&view_mu_);
  view_.swap(old);
}  // the old view is destroyed after the lock is released

Status DBImpl::Get(const ReadOptions& options, std::string_view key, std::string* value) {
  LSM_RETURN_IF_ERROR(CheckOpen());
  const std::shared_ptr<const ReadView> view = View();
  SchedulePoint(env_, "get");
  const LookupKey lookup(key, SequenceOf(options));
  Add(counters_.gets);
  Status answer;
  if (GetFromMemtables(*view, lookup, value, &answer)) return answer;
  return GetFromTables(*view->tree, lookup, value);
}

SequenceNumber DBImpl::SequenceOf(const ReadOptions& options) const {
  return options.snapshot != nullptr ? options.snapshot->sequence()
                                     : last_sequence_.load(std::memory_order_acquire);
}

// True if a memtable decides; *answer is then OK or NotFound.
bool DBImpl::GetFromMemtables(const ReadView& view, const LookupKey& key, std::string* value,
                              Status* answer) {
  const char* place = "memtable";
  LookupState state = view.active->Get(key, value);
  for (size_t i = 0; state == LookupState::kAbsent && i < view.sealed.size(); ++i) {
    place = "immutable";
    state = view.sealed[i]->Get(key, value);
  }
  if (state == LookupState::kAbsent) return false;
  const bool found = state == LookupState::kFound;
  if (options_.listener != nullptr) {
    Emit(event::LookupHop{std::string(key.user_key()), place, found ? "found" : "deleted"});
  }
  Add(counters_.gets_found, found ? 1 : 0);
  *answer = found ? Status::Ok() : Status::NotFound({});
  return true;
}

Status DBImpl::GetFromTables(const Tree& tree, const LookupKey& key, std::string* value) {
  const uint64_t hash = Bloom::Hash(key.user_key());
  for (size_t level = 0; level < tree.levels.size(); ++level) {
    for (const SortedRun& run : tree.levels[level].runs) {
      const size_t index = FindFile(run, cmp_, key.internal_key());
      if (index == run.size()) continue;
      const FileMeta& file = *run[index];
      if (cmp_.CompareUserKeys(key.user_key(), ExtractUserKey(file.smallest)) < 0) continue;
      LSM_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table, tables_->Get(file.number));
      LookupState state = LookupState::kAbsent;
      LSM_RETURN_IF_ERROR(ProbeTable(*table, nullptr, {file.number, static_cast<int>(level)}, hash,
                                     key, value, &state));
      if (state == LookupState::kDeleted) return Status::NotFound({});
      if (state == LookupState::kFound) {
        Add(counters_.gets_found);
        return Status::Ok();
      }
    }
  }
  return Status::NotFound({});
}

// Table::Get by an iterator, which keeps the block that it stands in for the next key.
Status DBImpl::GetThrough(Table::Iterator* iterator, uint64_t table, const LookupKey& key,
                          std::string* value, LookupState* state) const {
  *state = LookupState::kAbsent;
  iterator->Seek(key.internal_key());
  LookupState found = LookupState::kAbsent;
  if (iterator->Valid()) {
    ParsedInternalKey parsed;
    if (!ParseInternalKey(iterator->key(), &parsed)) {
      return Status::Corruption(fmt::format("table {}: an entry of unknown type", table));
    }
    if (cmp_.CompareUserKeys(parsed.user_key, key.user_key()) == 0) {
      found = parsed.type == ValueType::kValue ? LookupState::kFound : LookupState::kDeleted;
      if (found == LookupState::kFound) value->assign(iterator->value());
    }
  }
  LSM_RETURN_IF_ERROR(iterator->status());
  *state = found;
  return Status::Ok();
}

// `iterator`, of this table, is used where there is one.
Status DBImpl::ProbeTable(const Table& table, Table::Iterator* iterator, const TablePlace& place,
                          uint64_t hash, const LookupKey& key, std::string* value,
                          LookupState* state) {
  const bool filtered = options_.bits_per_key > 0;
  const char* answer = "filter-no";
  LevelCounters& of_level = counters_.level[static_cast<size_t>(place.level)];
  Add(of_level.filter_probes, filtered ? 1 : 0);
  if (!table.MayContain(hash)) {
    LSM_MARK(filter_negative);
    Add(counters_.filter_negatives);
  } else {
    Add(counters_.tables_probed);
    Add(of_level.tables_probed);
    LSM_RETURN_IF_ERROR(iterator == nullptr ? table.Get(key, value, state)
                                            : GetThrough(iterator, place.table, key, value, state));
    const bool absent = *state == LookupState::kAbsent;
    if (absent && filtered) {
      LSM_MARK(filter_false_positive);
      Add(of_level.filter_false_positives);
    }
    answer = *state == LookupState::kFound     ? "found"
             : *state == LookupState::kDeleted ? "deleted"
             : filtered                        ? "false-positive"
                                               : "miss";
  }
  if (options_.listener != nullptr) {
    Emit(event::LookupHop{std::string(key.user_key()),
                          fmt::format("L{}:{}", place.level, place.table), answer});
  }
  return Status::Ok();
}

std::unique_ptr<Iterator> DBImpl::NewIterator(const ReadOptions& options) {
  if (Status s = CheckOpen(); !s.ok()) return NewErrorIterator(std::move(s));
  if (options.prefix.data() != nullptr && options_.comparator != BytewiseComparator()) {
    return NewErrorIterator(Status::InvalidArgument(fmt::format(
        "ReadOptions::prefix: keys with one prefix need not stand together in the order "
        "of {}; use bounds",
        options_.comparator->Name())));
  }
  Add(counters_.iterators);
  std::shared_ptr<const ReadView> view = View();
  SchedulePoint(env_, "iterator");
  return NewDbIterator(this, std::move(view), cmp_, tables_.get(), SequenceOf(options), options);
}

const Snapshot* DBImpl::GetSnapshot() {
  MutexLock lock(&mu_);
  while (deleting_tables_) progress_cv_.Wait();  // delete_files.cc
  if (installing_) LSM_MARK(snapshot_during_install);
  return snapshots_.Add(last_sequence_);
}

void DBImpl::ReleaseSnapshot(const Snapshot* snapshot) {
  MutexLock lock(&mu_);
  snapshots_.Remove(snapshot);
}

}  // namespace lsm
