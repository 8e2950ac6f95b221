// An Engine as an lsm::DB, so that RunTrace runs traces on it. Bounds, SeekForPrev and MultiGet are
// made here from what an engine has.
//
// Not for an engine: Checkpoint, SyncWal (NotSupported); Resume, WaitForBackgroundWork and
// CheckIntegrity are OK and do nothing. FitTrace leaves out of a trace what asks for them.
#pragma once

#include <memory>

#include "foreign/engine.h"
#include "lsm/db.h"

namespace lsm::lab {

// `every_write`: each write is a synced one.
std::unique_ptr<DB> NewEngineDb(std::unique_ptr<Engine> engine, bool every_write);

}  // namespace lsm::lab
