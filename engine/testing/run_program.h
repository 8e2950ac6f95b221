// Runs a program to its end in a process of its own, which gets the three standard files and no
// other.
#pragma once

#include <string>
#include <vector>

#include "lsm/status.h"

namespace lsm::lab {

struct ProgramRun {
  std::vector<std::string> command;      // the first word is the path of the program
  std::vector<std::string> variables{};  // "NAME=VALUE", added to the environment
  std::string output{};                  // file that gets what it prints; empty: where ours goes
};

// The exit status; 128 and the signal's number for one that a signal ended. IOError: not started.
Result<int> RunProgram(const ProgramRun& run);

}  // namespace lsm::lab
