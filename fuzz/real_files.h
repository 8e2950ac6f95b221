// Databases that the engine really wrote, in the simulated world: seeds for the targets of one
// format, and the directories that target `directory` mutates. The same under every compiler.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "format/filename.h"
#include "lsm/options.h"
#include "testing/oracle.h"

namespace lsm::fuzz {

struct RealDatabase {
  Options options;                           // without an environment
  std::map<std::string, std::string> files;  // by name, without the directory
  // What it holds after each commit, states[0] before the first. Every commit was synced.
  std::vector<lab::Contents> states{lab::Contents()};
  size_t in_tables = 0;  // commits that tables hold: damage of logs takes none of them
};

const std::vector<RealDatabase>& RealDatabases();

// The files of one kind of all databases.
std::vector<std::string> RealFiles(FileKind kind);

}  // namespace lsm::fuzz
