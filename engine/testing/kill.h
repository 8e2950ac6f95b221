// Kill: a process that writes to a database on the real file system is killed by SIGKILL, again and
// again on one directory, and each time another process opens the database and judges it.
//
// The killed process acknowledges its writes over a pipe, so what it had acknowledged is known from
// outside. It also tells of each event of the engine; the kill comes behind a number of
// acknowledgements and events that the seed decides, so that it also strikes recoveries, flushes
// and compactions. Half of the kills come exactly there; the others from the parent, a little
// later, when the machine has it: these cannot be repeated, so a finding keeps the directory.
//
// Judged by the oracle: what was acknowledged survives a kill, synced or not (P1), as a prefix of
// the commit order (P2), batches whole (P3), nothing invented (P4), opening succeeds (P8); and the
// structure of the tree (P13).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "lsm/options.h"
#include "testing/runner.h"

namespace lsm::lab {

struct KillOptions {
  std::string dir;    // of the database; made if it is missing
  Options options{};  // its own; `env` is Env::Default() if null
  uint64_t seed = 1;
  uint64_t rounds = 10;
  uint64_t moments_max = 600;  // acknowledgements and events before a kill
  OpenDb open = DB::Open;
  std::function<void()> on_round;  // told after each
};

struct KillReport {
  uint64_t rounds = 0;
  uint64_t acknowledged = 0;  // writes, before the kills
  uint64_t in_flight = 0;     // rounds in which a write that was not acknowledged survived
  uint64_t in_open = 0;       // kills before the first acknowledgement
  std::string finding;        // empty: none
};

// Ends at the first finding. The calling process must have one thread.
KillReport KillAgainAndAgain(const KillOptions& options);

}  // namespace lsm::lab
