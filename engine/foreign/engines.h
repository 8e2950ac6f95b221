// The adapters, one file each. Those of libraries are built where the library is installed.
#pragma once

#include <vector>

#include "foreign/engine.h"

namespace lsm::lab {

std::vector<EngineInfo> NoteEngines();  // note_engine.cc: the example and its flawed variants
EngineInfo LsmlabEngine();              // lsmlab_engine.cc: the engine of this project
EngineInfo LevelDbEngine();             // leveldb_engine.cc: libleveldb-dev
EngineInfo RocksDbEngine();             // rocksdb_engine.cc: librocksdb-dev

}  // namespace lsm::lab
