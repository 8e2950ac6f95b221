// RunIterator: the tables of one sorted run as a single InternalIterator; a table is opened when
// the position reaches it. InternalSource: a memtable or a run, without a virtual call.
//
// An error of a table stops the iteration with its status; it is never taken for the table's end.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "db/stages.h"
#include "db/table_cache.h"
#include "format/tree.h"

namespace lsm {

class RunIterator {
 public:
  // `run` must outlive the iterator.
  RunIterator(const SortedRun* run, const InternalKeyComparator* cmp, TableCache* tables,
              bool fill_cache)
      : run_(run), cmp_(cmp), tables_(tables), fill_cache_(fill_cache) {}

  bool Valid() const { return iter_.has_value() && iter_->Valid(); }
  std::string_view key() const { return iter_->key(); }
  std::string_view value() const { return iter_->value(); }
  Status status() const {
    if (!status_.ok() || !iter_.has_value()) return status_;
    return iter_->status();
  }

  void SeekToFirst() {
    if (OpenAt(0)) iter_->SeekToFirst();
    SkipForward();
  }
  void SeekToLast() {
    if (OpenAt(run_->size() - 1)) iter_->SeekToLast();
    SkipBackward();
  }
  void Seek(std::string_view target) {
    if (OpenAt(FindFile(*run_, *cmp_, target))) iter_->Seek(target);
    SkipForward();
  }
  void Next() {
    iter_->Next();
    SkipForward();
  }
  void Prev() {
    iter_->Prev();
    SkipBackward();
  }

 private:
  // Makes iter_ an iterator of table `index`; false, without one, if there is none or an error.
  bool OpenAt(size_t index) {
    status_ = Status::Ok();
    if (index >= run_->size()) {
      iter_.reset();
      return false;
    }
    // A table that failed is asked for anew: a Resume has it opened again.
    if (iter_.has_value() && index == index_ && iter_->status().ok()) return true;
    iter_.reset();
    auto table = tables_->Get((*run_)[index]->number);
    if (!table.ok()) {
      status_ = table.status();
      return false;
    }
    table_ = std::move(*table);
    index_ = index;
    iter_.emplace(table_.get(), fill_cache_);
    return true;
  }
  bool AtEndWithoutError() const {
    return iter_.has_value() && !iter_->Valid() && iter_->status().ok();
  }
  void SkipForward() {
    while (AtEndWithoutError() && OpenAt(index_ + 1)) iter_->SeekToFirst();
  }
  void SkipBackward() {
    while (AtEndWithoutError()) {
      if (index_ == 0) {
        iter_.reset();
      } else if (OpenAt(index_ - 1)) {
        iter_->SeekToLast();
      }
    }
  }

  const SortedRun* run_;
  const InternalKeyComparator* cmp_;
  TableCache* tables_;
  bool fill_cache_;
  size_t index_ = 0;
  std::shared_ptr<const Table> table_;  // keeps iter_'s table open
  std::optional<Table::Iterator> iter_;
  Status status_;
};

class InternalSource {
  // A branch, where std::visit would be a call through a table.
  template <class F>
  decltype(auto) Visit(F&& f) {
    if (auto* run = std::get_if<RunIterator>(&it_)) return f(*run);
    return f(*std::get_if<MemTable::Iterator>(&it_));
  }
  template <class F>
  decltype(auto) Visit(F&& f) const {
    if (const auto* run = std::get_if<RunIterator>(&it_)) return f(*run);
    return f(*std::get_if<MemTable::Iterator>(&it_));
  }

 public:
  explicit InternalSource(MemTable::Iterator it) : it_(std::move(it)) {}
  explicit InternalSource(RunIterator it) : it_(std::move(it)) {}

  bool Valid() const {
    return Visit([](const auto& it) { return it.Valid(); });
  }
  void SeekToFirst() {
    Visit([](auto& it) { it.SeekToFirst(); });
  }
  void SeekToLast() {
    Visit([](auto& it) { it.SeekToLast(); });
  }
  void Seek(std::string_view target) {
    Visit([target](auto& it) { it.Seek(target); });
  }
  void Next() {
    Visit([](auto& it) { it.Next(); });
  }
  void Prev() {
    Visit([](auto& it) { it.Prev(); });
  }
  std::string_view key() const {
    return Visit([](const auto& it) -> std::string_view { return it.key(); });
  }
  std::string_view value() const {
    return Visit([](const auto& it) -> std::string_view { return it.value(); });
  }
  Status status() const {
    return Visit([](const auto& it) -> Status { return it.status(); });
  }

 private:
  std::variant<MemTable::Iterator, RunIterator> it_;
};

static_assert(InternalIterator<RunIterator>);
static_assert(InternalIterator<InternalSource>);

}  // namespace lsm
