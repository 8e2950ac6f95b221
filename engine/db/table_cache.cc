#include "db/table_cache.h"

#include <vector>

#include "format/filename.h"

namespace lsm {

TableCache::TableCache(TableCacheOptions options)
    : options_(std::move(options)), mu_(options_.env) {}

Result<std::shared_ptr<const Table>> TableCache::OpenTable(uint64_t number) const {
  std::string path = TableFileName(options_.dir, number);
  auto file = options_.env->OpenRandomAccess(path, options_.read_io);
  if (!file.ok() && file.status().IsNotFound()) {
    const std::string legacy = LegacyTableFileName(options_.dir, number);
    auto old = options_.env->OpenRandomAccess(legacy, options_.read_io);
    if (!old.ok() && old.status().IsNotFound()) {
      return Status::Corruption("table " + path + " is missing");
    }
    file = std::move(old);
    path = legacy;
  }
  if (!file.ok()) return file.status();
  TableOptions table_options = options_.table;
  table_options.file_number = number;
  table_options.file_name = path;
  LSM_ASSIGN_OR_RETURN(std::unique_ptr<Table> table, Table::Open(table_options, std::move(*file)));
  return std::shared_ptr<const Table>(std::move(table));
}

Result<std::shared_ptr<const Table>> TableCache::Get(uint64_t number) {
  {
    MutexLock lock(&mu_);
    if (auto it = tables_.find(number); it != tables_.end()) {
      order_.splice(order_.begin(), order_, it->second.position);
      return it->second.table;
    }
  }
  // Opened without the lock: two threads may open the same table; the first to come back stays.
  LSM_ASSIGN_OR_RETURN(std::shared_ptr<const Table> table, OpenTable(number));
  std::shared_ptr<const Table> closed;  // destroyed after the lock is released
  MutexLock lock(&mu_);
  if (auto it = tables_.find(number); it != tables_.end()) return it->second.table;
  order_.push_front(number);
  tables_.emplace(number, Entry{table, order_.begin()});
  if (tables_.size() > options_.max_open_files) {
    auto last = tables_.find(order_.back());
    closed = std::move(last->second.table);
    tables_.erase(last);
    order_.pop_back();
  }
  return table;
}

void TableCache::CloseAll() {
  std::vector<std::shared_ptr<const Table>> closed;  // destroyed after the lock is released
  MutexLock lock(&mu_);
  for (const uint64_t number : order_) closed.push_back(std::move(tables_.at(number).table));
  tables_.clear();
  order_.clear();
}

void TableCache::Erase(uint64_t number) {
  std::shared_ptr<const Table> closed;
  {
    MutexLock lock(&mu_);
    if (auto it = tables_.find(number); it != tables_.end()) {
      closed = std::move(it->second.table);
      order_.erase(it->second.position);
      tables_.erase(it);
    }
  }
  if (options_.table.cache != nullptr) options_.table.cache->EraseFile(number);
}

}  // namespace lsm
