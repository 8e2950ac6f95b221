#include "foreign/engine_run.h"

#include <stdlib.h>

#include <cstring>
#include <filesystem>

#include "foreign/engine_db.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

// Every fourth value is made so long that some 30 of them fill a memtable.
void Enlarge(Trace* trace, size_t memtable_bytes) {
  constexpr size_t kEvery = 4, kInMemtable = 30;
  const size_t bytes = memtable_bytes / kInMemtable;
  uint64_t values = 0;
  for (Operation& op : trace->operations) {
    for (Update& update : op.updates) {
      if (!update.value.has_value() || ++values % kEvery != 0 || update.value->size() >= bytes) {
        continue;
      }
      update.value = GeneratedBytes(bytes, values);
    }
  }
}

}  // namespace

ScratchDir::ScratchDir() {
  const char* const tmpdir = std::getenv("TMPDIR");
  std::string tried;
  for (const char* parent : {"/dev/shm", tmpdir, "/tmp"}) {
    if (parent == nullptr) continue;
    path_ = std::string(parent) + "/lsmlab-XXXXXX";
    if (mkdtemp(path_.data()) != nullptr) return;
    tried += std::string(" ") + parent + " (" + std::strerror(errno) + ")";
  }
  path_.clear();
  status_ = Status::IOError("no scratch directory could be made; tried" + tried);
}

ScratchDir::~ScratchDir() {
  std::error_code left_behind;  // does no harm
  if (!path_.empty()) std::filesystem::remove_all(path_, left_behind);
}

bool CanDo(const EngineInfo& engine, Kind kind) {
  switch (kind) {
    case Kind::kFlush:
      return engine.can_flush;
    case Kind::kCompact:
      return engine.can_compact;
    case Kind::kSleep:  // of a clock that the engine does not see
    case Kind::kClock:
    case Kind::kWait:
    case Kind::kSyncWal:
    case Kind::kSizes:
    case Kind::kDeleteFiles:
    case Kind::kCompactLevel:
    case Kind::kCheckpoint:
    case Kind::kResume:
    case Kind::kIntegrity:
    case Kind::kCrash:
    case Kind::kKill:
    case Kind::kFail:
      return false;
    default:
      return true;
  }
}

Trace FitTrace(Trace trace, const EngineInfo& engine) {
  std::erase_if(trace.operations, [&](const Operation& op) { return !CanDo(engine, op.kind); });
  const size_t memtable_bytes = OptionsOf(trace).memtable_bytes;
  if (engine.least_memtable_bytes > memtable_bytes) Enlarge(&trace, engine.least_memtable_bytes);
  return trace;
}

RunResult RunTraceOn(const EngineInfo& engine, const Trace& trace, const RunOptions& options) {
  const ScratchDir scratch;
  RunOptions on_engine = options;
  on_engine.open = [&](const Options& knobs,
                       const std::string& path) -> Result<std::unique_ptr<DB>> {
    LSM_RETURN_IF_ERROR(scratch.status());
    LSM_ASSIGN_OR_RETURN(auto db, engine.open(knobs, scratch.path() + path));
    return NewEngineDb(std::move(db), knobs.wal_sync == WalSync::kEveryWrite);
  };
  return RunTrace(trace, on_engine);
}

}  // namespace lsm::lab
