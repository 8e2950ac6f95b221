// Both engines behind the same few verbs, so that each test names who writes and who reads.
#pragma once

#include <memory>
#include <string>

#include "interop/history.h"

namespace lsm::interop {

struct EngineOptions {
  bool snappy = true;
  bool small = false;    // memtable and files of a few KiB: many files, several levels
  bool paranoid = true;  // LevelDB's paranoid_checks
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Opens, writes all of `history`, and closes if `close`; otherwise leaves the database open.
  // Throws no exception; prints and aborts on an error.
  virtual void Write(const std::string& dir, const History& history, bool close) = 0;
  // Opens, reads everything forward and backward, and every key of the result by Get.
  virtual Model Read(const std::string& dir) = 0;
};

std::unique_ptr<Engine> NewLsmlab(const EngineOptions& options);
std::unique_ptr<Engine> NewLevelDb(const EngineOptions& options);

}  // namespace lsm::interop
