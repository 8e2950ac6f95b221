// ApproximateSizes: where a range begins and ends in each table, by the table's index alone.
//
// Every key has one position in a table: 0 in front of it, its size behind it, else the offset of
// the block that the key falls into. The size of a range is the difference of two positions, so
// adjacent ranges add up to the whole, and a part is never larger.
#include <algorithm>

#include "db/db_impl.h"

namespace lsm {
namespace {

// Keys and values of one memtable in the range.
uint64_t MemtableBytes(const MemTable& table, const InternalKeyComparator& cmp,
                       const Range& range) {
  uint64_t bytes = 0;
  MemTable::Iterator it(&table);
  if (range.begin.data() == nullptr) {
    it.SeekToFirst();
  } else {
    it.Seek(MakeInternalKey(range.begin, kMaxSequence, kTypeForSeek));
  }
  for (; it.Valid(); it.Next()) {
    const std::string_view key = ExtractUserKey(it.key());
    if (range.end.data() != nullptr && cmp.CompareUserKeys(key, range.end) >= 0) break;
    bytes += key.size() + it.value().size();
  }
  return bytes;
}

}  // namespace

Result<uint64_t> DBImpl::BytesBefore(const FileMeta& file, std::string_view user_key) {
  if (cmp_.CompareUserKeys(user_key, ExtractUserKey(file.smallest)) <= 0) return uint64_t{0};
  if (cmp_.CompareUserKeys(user_key, ExtractUserKey(file.largest)) > 0) return file.bytes;
  LSM_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table, tables_->Get(file.number));
  return std::min(file.bytes,
                  table->ApproximateOffset(MakeInternalKey(user_key, kMaxSequence, kTypeForSeek)));
}

Result<uint64_t> DBImpl::FileBytes(const Tree& tree, const Range& range) {
  uint64_t bytes = 0;
  for (const Level& level : tree.levels) {
    for (const SortedRun& run : level.runs) {
      for (const FileRef& file : OverlappingFiles(run, cmp_, range.begin, range.end)) {
        uint64_t from = 0, to = file->bytes;
        if (range.begin.data() != nullptr) {
          LSM_ASSIGN_OR_RETURN(from, BytesBefore(*file, range.begin));
        }
        if (range.end.data() != nullptr) {
          LSM_ASSIGN_OR_RETURN(to, BytesBefore(*file, range.end));
        }
        bytes += to - from;
      }
    }
  }
  return bytes;
}

Status DBImpl::ApproximateSizes(const SizeOptions& options, std::span<const Range> ranges,
                                std::vector<uint64_t>* bytes) {
  bytes->assign(ranges.size(), 0);
  LSM_RETURN_IF_ERROR(CheckOpen());
  const std::shared_ptr<const ReadView> view = View();
  SchedulePoint(env_, "sizes");
  for (size_t i = 0; i < ranges.size(); ++i) {
    const Range& range = ranges[i];
    const bool bounded = range.begin.data() != nullptr && range.end.data() != nullptr;
    if (bounded && cmp_.CompareUserKeys(range.begin, range.end) >= 0) continue;
    LSM_ASSIGN_OR_RETURN((*bytes)[i], FileBytes(*view->tree, range));
    if (!options.include_memtables) continue;
    (*bytes)[i] += MemtableBytes(*view->active, cmp_, range);
    for (const auto& sealed : view->sealed) (*bytes)[i] += MemtableBytes(*sealed, cmp_, range);
  }
  return Status::Ok();
}

}  // namespace lsm
