// Store: an engine as the workloads see it, with as little as possible between the two. Each
// adapter calls its library's own verbs with its own types; the virtual call before them costs all
// engines the same.
//
// Thread-safety: Put, Delete, Write, Get and NewCursor may be called from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foreign/engine.h"
#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm::bench {

using Batch = std::vector<std::pair<std::string, std::string>>;

struct LevelShape {
  int level = 0;
  uint64_t files = 0, bytes = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Status Put(std::string_view key, std::string_view value, bool sync) = 0;
  virtual Status Delete(std::string_view key) = 0;
  virtual Status Write(const Batch& puts) = 0;
  // Was it found? *value is set if it was.
  virtual Result<bool> Get(std::string_view key, std::string* value) = 0;
  virtual std::unique_ptr<lab::Cursor> NewCursor() = 0;

  // Writes what is in memory to tables, and waits until no compaction is due.
  virtual Status Drain() = 0;
  virtual std::vector<LevelShape> Shape() = 0;  // of the levels that hold something
  virtual Status Close() = 0;                   // nothing but the destructor is called after it
};

struct StoreOptions {
  Options knobs{};        // what all engines are opened with, as far as they have it
  bool defaults = false;  // instead each with its own, but for create_if_missing and the info log
};

struct StoreInfo {
  std::string name;     // on the command line
  std::string version;  // for a person
  // Part of the file name of the shared library that holds it; empty: it is in this program.
  std::string library{};
  Result<std::unique_ptr<Store>> (*open)(const StoreOptions& options,
                                         const std::string& dir) = nullptr;
};

// The engines of this build: this project's first.
const std::vector<StoreInfo>& Stores();

// One file each; those of libraries are built where the library is installed.
StoreInfo LsmlabStore();
StoreInfo LevelDbStore();
StoreInfo RocksDbStore();

}  // namespace lsm::bench
