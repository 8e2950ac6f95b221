// CrashJudge: would the database that a power cut left behind keep its promises? For each question
// a crash image is built from the recording, written into a real directory, opened there by the
// unmodified engine, read in full, and judged by the oracle: P1, P2, P3, P4, and P8 if it cannot be
// opened or read.
//
// Only a write with `sync` is promised to survive. Engines run in child processes: one that aborts
// or hangs is an answer. The calling process must have one thread. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "foreign/disk_replay.h"
#include "foreign/engine.h"
#include "foreign/recording.h"
#include "testing/oracle.h"

namespace lsm::lab {

struct Barrier {
  size_t call = 0;   // it stands before this call
  std::string path;  // as in sim::Disk
  bool directory = false;
};

struct CrashQuestion {
  size_t cut = 0;  // the first call that is not done any more
  CrashImage image{};
  // For the search for a barrier: units are told by their names, as a barrier takes some away.
  const std::set<std::string>* lost = nullptr;  // in place of the image
  const Barrier* barrier = nullptr;
  sim::Profile profile = sim::Profile::kWeakest;
};

struct CrashAnswer {
  // False: the profile does not allow the image, or the same one was asked about before.
  bool judged = false;
  Verdict verdict;
  std::vector<std::string> kept, lost;  // the units that were not durable
};

struct JudgeCounts {
  uint64_t images = 0;  // built
  uint64_t opens = 0;   // of these, different ones, opened and judged
};

// The name of a unit, with the path as the recording has it.
std::string UnitName(const sim::UnsyncedUnit& unit);

class CrashJudge {
 public:
  CrashJudge(EngineInfo engine, const Recording& recording);

  // InvalidArgument, Corruption: the recording cannot be replayed.
  const Status& status() const { return status_; }
  const Trace& workload() const { return workload_; }
  const JudgeCounts& counts() const { return counts_; }

  // An answer to each question. `skip_same`: images that are the same are judged once, by the first
  // question that has them.
  std::vector<CrashAnswer> Ask(const std::vector<CrashQuestion>& questions, bool skip_same);
  CrashAnswer Ask(const CrashQuestion& question) { return Ask({question}, false)[0]; }

 private:
  std::optional<CrashAnswer> BuildImage(const CrashQuestion& question, DiskReplay* replay) const;
  CrashAnswer Answer(const CrashQuestion& question, const std::string& dir,
                     std::set<uint64_t>* seen) const;
  Verdict Judge(size_t cut, const std::string& dir) const;
  Oracle OracleAt(size_t cut) const;

  const EngineInfo engine_;
  const Recording& recording_;
  Trace workload_;
  Status status_;
  JudgeCounts counts_;
};

}  // namespace lsm::lab
