// The rows of a verification of an engine that was written elsewhere, and the replay of what they
// found.
#pragma once

#include <string>
#include <vector>

#include "foreign/engine.h"
#include "testing/sim/image.h"
#include "testing/story.h"
#include "tools/verify/row.h"

namespace lsm::lab {

// Random traces, judged by the oracle.
Row EngineModelRow(const VerifyOptions& options, const EngineInfo& engine);

// Recorded workloads, with power cuts behind their system calls.
struct CrashReport {
  Row row;
  std::vector<Story> stories;  // one for each thing that is wrong
};
CrashReport EngineCrashRow(const VerifyOptions& options, const EngineInfo& engine,
                           sim::Profile profile);

// Runs a trace, or looks again at a saved recording; with `steps` it prints them all. The exit
// status: 0 all well, 1 it fails still, 2 the file cannot be used.
int ReplayOnEngine(const EngineInfo& engine, sim::Profile profile, const std::string& file,
                   bool steps);

}  // namespace lsm::lab
