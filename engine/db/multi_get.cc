// MultiGet: many keys at one sequence number, with the work shared.
//
//   1. the keys are sorted; one view and one sequence number serve all of them
//   2. each asks the memtables, from new to old
//   3. each run is gone through once, from new to old, for the keys that are still open. Those that
//      fall into one table are looked up through one iterator, which stays in its block: a block
//      that holds several of the keys is read once
// An error ends the lookup of its key alone, and for good: an older version must not answer in
// place of one that could not be read. What one key costs more than by Get: where a filter lies,
// and the key would be the last of its block, the block behind is read, too.
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "db/db_impl.h"

namespace lsm {

// A key that no newer place has decided.
struct DBImpl::OpenLookup {
  OpenLookup(std::string_view user_key, SequenceNumber sequence, Status* answer_in,
             std::string* value_in)
      : key(user_key, sequence), hash(Bloom::Hash(user_key)), answer(answer_in), value(value_in) {}

  LookupKey key;
  uint64_t hash;
  Status* answer;  // where to put it
  std::string* value;
  bool done = false;
};

std::vector<Status> DBImpl::MultiGet(const ReadOptions& options,
                                     std::span<const std::string_view> keys,
                                     std::vector<std::string>* values) {
  values->assign(keys.size(), std::string());
  if (Status s = CheckOpen(); !s.ok()) return std::vector<Status>(keys.size(), s);
  const std::shared_ptr<const ReadView> view = View();
  SchedulePoint(env_, "multiget");
  const SequenceNumber sequence = SequenceOf(options);
  std::vector<size_t> order(keys.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return cmp_.CompareUserKeys(keys[a], keys[b]) < 0; });
  std::vector<Status> statuses(keys.size(), Status::NotFound({}));
  std::deque<OpenLookup> open;  // its elements cannot move
  Add(counters_.gets, keys.size());
  for (const size_t i : order) {
    OpenLookup& lookup = open.emplace_back(keys[i], sequence, &statuses[i], &(*values)[i]);
    if (GetFromMemtables(*view, lookup.key, lookup.value, lookup.answer)) open.pop_back();
  }
  for (size_t level = 0; level < view->tree->levels.size(); ++level) {
    for (const SortedRun& run : view->tree->levels[level].runs) {
      GetFromRun(run, static_cast<int>(level), &open);
    }
  }
  return statuses;
}

void DBImpl::GetFromRun(const SortedRun& run, int level, std::deque<OpenLookup>* open) {
  size_t at = run.size();  // the table that the iterator is of
  std::shared_ptr<const Table> table;
  std::optional<Table::Iterator> iterator;
  for (OpenLookup& lookup : *open) {
    if (lookup.done) continue;
    const size_t index = FindFile(run, cmp_, lookup.key.internal_key());
    if (index == run.size()) return;  // nor is there one for the keys behind it
    const FileMeta& file = *run[index];
    if (cmp_.CompareUserKeys(lookup.key.user_key(), ExtractUserKey(file.smallest)) < 0) continue;
    Status s;
    LookupState state = LookupState::kAbsent;
    if (index != at) {
      iterator.reset();
      at = run.size();
      auto opened = tables_->Get(file.number);
      s = opened.status();
      if (s.ok()) {
        table = std::move(*opened);
        iterator.emplace(table.get(), /*fill_cache=*/true);
        at = index;
      }
    }
    if (s.ok()) {
      s = ProbeTable(*table, &*iterator, {file.number, level}, lookup.hash, lookup.key,
                     lookup.value, &state);
    }
    lookup.done = !s.ok() || state != LookupState::kAbsent;
    if (state == LookupState::kFound) Add(counters_.gets_found);
    if (!s.ok() || state == LookupState::kFound) *lookup.answer = s;
  }
}

}  // namespace lsm
