// TableCache: open tables by file number, at most max_open_files of them, least recently used
// closed first. A table that a reader holds stays open until it lets go. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "db/stages.h"
#include "env/sync.h"

namespace lsm {

struct TableCacheOptions {
  Env* env = nullptr;
  std::string dir;
  IoMode read_io = IoMode::kMapped;
  size_t max_open_files = 1000;
  TableOptions table;  // file_number and file_name are filled in per table
};

class TableCache {
 public:
  explicit TableCache(TableCacheOptions options);

  // Opens table `number` if need be. Corruption if its file is missing or damaged.
  Result<std::shared_ptr<const Table>> Get(uint64_t number);
  // Tables are opened anew from here on: a mapping that could not be read once stays broken.
  void CloseAll();
  // The file is about to be removed.
  void Erase(uint64_t number);

 private:
  struct Entry {
    std::shared_ptr<const Table> table;
    std::list<uint64_t>::iterator position;  // in order_
  };

  Result<std::shared_ptr<const Table>> OpenTable(uint64_t number) const;

  const TableCacheOptions options_;
  Mutex mu_;
  std::unordered_map<uint64_t, Entry> tables_;  // never iterated: its order is unspecified
  std::list<uint64_t> order_;                   // most recently used first
};

}  // namespace lsm
