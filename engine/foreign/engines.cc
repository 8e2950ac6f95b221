#include "foreign/engines.h"

namespace lsm::lab {

const std::vector<EngineInfo>& Engines() {
  static const auto* const kEngines = [] {
    auto* engines = new std::vector<EngineInfo>(NoteEngines());
    engines->push_back(LsmlabEngine());
#ifdef LSM_HAVE_LEVELDB
    engines->push_back(LevelDbEngine());
#endif
#ifdef LSM_HAVE_ROCKSDB
    engines->push_back(RocksDbEngine());
#endif
    return engines;
  }();
  return *kEngines;
}

Result<EngineInfo> FindEngine(std::string_view name) {
  std::string known;
  for (const EngineInfo& engine : Engines()) {
    if (engine.name == name) return engine;
    known += (known.empty() ? "" : ", ") + engine.name;
  }
  std::string message = "engine " + std::string(name) + ": this build has " + known;
  if (name == "leveldb" || name == "rocksdb") {
    message += "; install lib" + std::string(name) + "-dev (./lab setup peers) and build again";
  }
  return Status::NotFound(std::move(message));
}

}  // namespace lsm::lab
