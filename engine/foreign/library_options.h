// Knobs of this project's engine in the words of other libraries: what has no counterpart is left
// aside, the rest is brought into the library's range. The info log is off. Thread-safe.
#pragma once

#include "lsm/options.h"

namespace leveldb {
struct Options;
}
namespace rocksdb {
struct Options;
}

namespace lsm::lab {

// The caller owns filter_policy and block_cache and deletes them behind the database.
leveldb::Options LevelDbOptions(const Options& knobs);
rocksdb::Options RocksDbOptions(const Options& knobs);

}  // namespace lsm::lab
