// Runs traces on an engine: the model check, judged by the oracle like any other run.
//
// A run has a scratch directory of its own on the real file system, in memory where the machine has
// one there. It is a function of the trace as far as the engine is one: the engine's own threads
// are scheduled by the machine.
#pragma once

#include <string>

#include "foreign/engine.h"
#include "testing/runner.h"

namespace lsm::lab {

// A new directory for the life of the object, in /dev/shm if that can be written to, else in
// TMPDIR, else in /tmp.
class ScratchDir {
 public:
  ScratchDir();
  ~ScratchDir();
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  // IOError: none could be made.
  const Status& status() const { return status_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Status status_;
};

bool CanDo(const EngineInfo& engine, Operation::Kind kind);

// `trace` without what the engine lacks, and with larger values where its least memtable wants
// them.
Trace FitTrace(Trace trace, const EngineInfo& engine);

RunResult RunTraceOn(const EngineInfo& engine, const Trace& trace, const RunOptions& options = {});

}  // namespace lsm::lab
