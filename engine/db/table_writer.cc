#include "db/table_writer.h"

#include <algorithm>
#include <vector>

#include "format/codec.h"
#include "format/filename.h"
#include "format/table_facts.h"

namespace lsm {
namespace {

// Often enough that the rate is smooth, rare enough to cost nothing.
constexpr uint64_t kAcquireBytes = uint64_t{16} << 10;

}  // namespace

TableTarget TargetOf(const Options& options, const TreeShape& shape, int level) {
  TableTarget target{options.compression, FilterBitsFor(options, shape, level)};
  const std::vector<Compression>& by_level = options.compression_per_level;
  if (!by_level.empty()) {
    target.compression = by_level[std::min(static_cast<size_t>(level), by_level.size() - 1)];
  }
  return target;
}

TableWriter::TableWriter(const Options& options, const TableTarget& target, std::string dir,
                         const InternalKeyComparator& cmp, TableCache* tables, RateLimiter* limiter,
                         JobClass job_class)
    : env_(options.env),
      dir_(std::move(dir)),
      tables_(tables),
      limiter_(limiter),
      job_class_(job_class) {
  options_.comparator = cmp;
  options_.block_bytes = options.block_bytes;
  options_.restart_interval = options.block_restart_interval;
  options_.compression = target.compression;
  options_.bits_per_key = target.bits_per_key;
}

void TableWriter::SetTimes(uint64_t newest_us, uint64_t oldest_tombstone_us) {
  newest_us_ = newest_us;
  oldest_tombstone_us_ = oldest_tombstone_us;
}

Status TableWriter::Open(uint64_t number) {
  options_.file_number = number;
  options_.file_name = TableFileName(dir_, number);
  meta_ = FileMeta{};
  meta_.number = number;
  if (!LevelDbReads(options_.compression)) meta_.compression = options_.compression;
  acquired_ = 0;
  LSM_ASSIGN_OR_RETURN(file_, env_->CreateWritable(options_.file_name, {}));
  builder_ = std::make_unique<TableBuilder>(options_, file_.get());
  return Status::Ok();
}

Status TableWriter::Add(std::string_view internal_key, std::string_view value) {
  if (meta_.smallest.empty()) meta_.smallest.assign(internal_key);
  meta_.largest.assign(internal_key);
  ParsedInternalKey key;
  if (ParseInternalKey(internal_key, &key)) {
    ++meta_.facts.entries;
    if (key.type == ValueType::kDeletion) ++meta_.facts.tombstones;
    meta_.facts.last_sequence = std::max(meta_.facts.last_sequence, key.sequence);
  }
  entry_bytes_ += internal_key.size() + value.size();
  if (limiter_ != nullptr) Acquire(kAcquireBytes);
  return builder_->Add(internal_key, value);
}

// Asks for the bytes that were written since it last did, once there are `bytes_min`.
void TableWriter::Acquire(uint64_t bytes_min) {
  const uint64_t bytes = builder_->FileBytes() - acquired_;
  if (bytes < bytes_min) return;
  limiter_->Acquire(bytes, job_class_);
  acquired_ += bytes;
}

Result<FileMeta> TableWriter::Finish() {
  LSM_CHECK(builder_ != nullptr && builder_->Entries() > 0);
  meta_.facts.newest_us = newest_us_;
  if (meta_.facts.tombstones > 0) meta_.facts.oldest_tombstone_us = oldest_tombstone_us_;
  builder_->SetFacts(EncodeFacts(meta_.facts));
  Status s = builder_->Finish();
  if (limiter_ != nullptr) Acquire(1);
  if (s.ok()) s = file_->Sync();
  if (s.ok()) s = file_->Close();
  meta_.bytes = builder_->FileBytes();
  builder_.reset();
  file_.reset();
  LSM_RETURN_IF_ERROR(s);
  // What cannot be opened must not be installed: the data is still in the log or in the inputs.
  if (auto table = tables_->Get(meta_.number); !table.ok()) return table.status();
  return meta_;
}

}  // namespace lsm
