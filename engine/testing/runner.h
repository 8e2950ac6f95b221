// RunTrace: runs a trace in a simulated world and judges every answer by the oracle.
//
// A run is a pure function of the trace (and of the hooks). Clients run as tasks of one SimEnv when
// there are several; operations without a client run alone, between phases of client operations. An
// armed crash fires at its I/O operation, or at the latest at the next crash or kill and at the
// end; then the database is reopened and judged (P1 to P4, P6, P8), opened once more (P5) and
// checked for its structure (P13). A client whose operation was cut goes on with its next one. A
// snapshot or iterator that is not open, as after a reopen, makes an operation that names it do
// nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lsm/db.h"
#include "lsm/event.h"
#include "testing/policies.h"
#include "testing/property.h"
#include "testing/sim/sim_env.h"
#include "testing/trace.h"

namespace lsm::lab {

using OpenDb = std::function<Result<std::unique_ptr<DB>>(const Options&, const std::string& path)>;

// Right before an I/O operation, or before a power cut in place, which is told as operation "power
// cut".
struct IoMoment {
  sim::SimEnv* env;  // may be asked, and be told to sync
  const sim::IoOperation& io;
  size_t step;      // of the trace, that runs
  bool first_open;  // of a database that does not `start closed`: belongs to no step
  size_t recovery;  // n: the database is being opened behind the n-th power cut of a crash; else 0
  // A digest of all that a recovery from here would be judged by, but for the disk; none: it cannot
  // be told.
  std::function<std::optional<uint64_t>()> knowledge;
};

struct RunOptions {
  OpenDb open = DB::Open;
  bool keep_log = false;  // the simulated world's event log, byte for byte the same for a trace
  // Told of each finished operation: "3  c0 get k1 -> v1", and of the tree when it changed: "tree
  // L0: 9 12". The run is the same without it.
  std::function<void(const std::string& line)> transcript;
  EventListener* listener = nullptr;
  // The step that runs, for a watcher in another process.
  std::atomic<uint64_t>* progress = nullptr;
  // After how long without a result RunTraceIsolated ends a run.
  uint64_t silence_ms = 10'000;  // see Silence of child_process.h
  // May sync files and directories: what if there were a barrier?
  std::function<void(const IoMoment&)> on_io;
  bool report_dirty = false;  // fill RunResult::dirty
  // Decides a crash image in place of the trace's, by the names of the units.
  std::function<sim::Image(const std::vector<sim::UnsyncedUnit>&)> image;
  // Judge as if everything were promised: shows that a fault that excuses a broken property (a sync
  // that lies) does break it.
  bool no_excuses = false;
};

struct StepReport {
  std::string answer;  // "OK", a value, "3 entries", an error
  uint64_t io = 0;     // I/O operations done when it returned
};

struct CutReport {
  size_t step = 0;                 // index of the crash or kill
  uint64_t io = 0;                 // index of the I/O operation that did not happen any more
  std::vector<std::string> units;  // what was not durable
  sim::Image image;                // what became of each

  std::vector<std::string> Kept() const;
  // What was not kept; "... as garbage:7" if it was not just lost.
  std::vector<std::string> Lost() const;
};

// Where an armed crash or fault struck, by the name of the operation.
struct Strike {
  size_t step = 0;  // index of the crash, kill or fail
  size_t cut = 0;   // of a crash
  sim::IoAddress at;
};

struct DirtyReport {
  uint64_t io = 0;
  std::string operation;                 // that came next: "remove 000003.log"
  std::vector<std::string> files, dirs;  // what was not durable before it
};

struct RunResult {
  bool ok = true;
  // If not: which property broke, while which operation ran (index; operations.size(): at the end).
  Property property = Property::kP0;
  size_t step = 0;
  std::string key, expected, actual;
  bool silent = false;  // ended by RunTraceIsolated, after RunOptions::silence_ms

  uint64_t operations = 0;                  // done, incomplete ones included
  uint64_t checks = 0;                      // answers that the oracle judged
  uint64_t undecided = 0;                   // histories that the checker gave up on
  uint64_t crash_states = 0;                // recoveries judged
  std::array<uint64_t, kPolicies> opens{};  // by policy
  uint64_t tables_expired = 0;
  uint64_t io_count = 0;
  uint64_t io_of_open = 0;  // of these, by the first open
  uint64_t schedule_points = 0;
  std::vector<StepReport> steps;
  std::vector<CutReport> cuts;
  std::vector<Strike> strikes;
  // Sentences on what of the trace never happened, in a run that went to its end: an address that
  // was not reached, a snapshot that is not open. Such a trace shows less than it says.
  std::vector<std::string> stale;
  // Why the run ended early though nothing is wrong: damage was reported, or a property broke that
  // docs/guarantees.md excludes; empty: it did not.
  std::string excused;
  std::vector<DirtyReport> dirty;
  std::string log;
};

RunResult RunTrace(const Trace& trace, const RunOptions& options = {});

// RunTrace, or what stands in its place.
using TraceRunner = std::function<RunResult(const Trace&, const RunOptions&)>;

}  // namespace lsm::lab
