// Makes a recording: runs a workload on an unmodified engine in a process of its own, under the
// recorder.
#pragma once

#include <string>
#include <vector>

#include "foreign/engine.h"
#include "foreign/recording.h"

namespace lsm::lab {

// What of `trace` goes into a workload: writes, flushes, compactions and reopens of one client.
// `bulk`: of compactions and reopens only every fourth, and all values so large that memtables fill
// in between.
Trace ToWorkload(Trace trace, const EngineInfo& engine, bool bulk);

// Runs the workload in a fresh directory. The recording is checked for being complete: replayed
// with nothing lost it must give, byte for byte, the directory that the process left behind.
Result<Recording> Record(const EngineInfo& engine, const Trace& workload);

// The same for any program, which is told nothing: runs `command` under the recorder of `dir`.
Result<Recording> RecordCommand(const std::vector<std::string>& command, const std::string& dir,
                                const std::string& log);

}  // namespace lsm::lab
