#include "db/db_iterator.h"

#include "base/check.h"
#include "base/read_bounds.h"
#include "db/db_impl.h"
#include "db/run_iterator.h"

namespace lsm {
namespace {

using Merged = MergingIterator<InternalSource>;

class DbIterator final : public Iterator {
 public:
  DbIterator(DBImpl* db, std::shared_ptr<const ReadView> view, const InternalKeyComparator& cmp,
             TableCache* tables, SequenceNumber sequence, const ReadOptions& options)
      : db_(db),
        view_(std::move(view)),
        cmp_(cmp),
        bounds_(options),
        it_(cmp_, Merged(cmp_, Sources(tables, options.fill_cache)), sequence,
            IteratorBounds{BoundView(bounds_.lower), BoundView(bounds_.upper)}) {}

  ~DbIterator() override {
    view_.reset();
    db_->OnIteratorDone();
  }

  bool Valid() const override { return it_.Valid(); }
  void SeekToFirst() override { it_.SeekToFirst(); }
  void SeekToLast() override { it_.SeekToLast(); }
  void Seek(std::string_view target) override { it_.Seek(target); }
  void SeekForPrev(std::string_view target) override { it_.SeekForPrev(target); }
  void Next() override {
    LSM_DCHECK(it_.Valid());
    it_.Next();
  }
  void Prev() override {
    LSM_DCHECK(it_.Valid());
    it_.Prev();
  }
  std::string_view key() const override { return it_.key(); }
  std::string_view value() const override { return it_.value(); }
  Status status() const override { return it_.status(); }

 private:
  std::vector<InternalSource> Sources(TableCache* tables, bool fill_cache) {
    std::vector<InternalSource> sources;  // newest first
    sources.emplace_back(MemTable::Iterator(view_->active.get()));
    for (const std::shared_ptr<const MemTable>& table : view_->sealed) {
      sources.emplace_back(MemTable::Iterator(table.get()));
    }
    for (const Level& level : view_->tree->levels) {
      for (const SortedRun& run : level.runs) {
        sources.emplace_back(RunIterator(&run, &cmp_, tables, fill_cache));
      }
    }
    return sources;
  }

  DBImpl* const db_;
  std::shared_ptr<const ReadView> view_;  // outlives it_'s use: it_ is not touched after the reset
  const InternalKeyComparator cmp_;
  const ReadBounds bounds_;
  VisibleIterator<Merged> it_;
};

class ErrorIterator final : public Iterator {
 public:
  explicit ErrorIterator(Status status) : status_(std::move(status)) {}

  bool Valid() const override { return false; }
  void SeekToFirst() override {}
  void SeekToLast() override {}
  void Seek(std::string_view) override {}
  void SeekForPrev(std::string_view) override {}
  void Next() override { LSM_CHECK(!"Next on an iterator that is not valid"); }
  void Prev() override { LSM_CHECK(!"Prev on an iterator that is not valid"); }
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  Status status() const override { return status_; }

 private:
  const Status status_;
};

}  // namespace

std::unique_ptr<Iterator> NewDbIterator(DBImpl* db, std::shared_ptr<const ReadView> view,
                                        const InternalKeyComparator& cmp, TableCache* tables,
                                        SequenceNumber sequence, const ReadOptions& options) {
  return std::make_unique<DbIterator>(db, std::move(view), cmp, tables, sequence, options);
}

std::unique_ptr<Iterator> NewErrorIterator(Status status) {
  return std::make_unique<ErrorIterator>(std::move(status));
}

}  // namespace lsm
