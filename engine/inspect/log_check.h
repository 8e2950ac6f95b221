// The check of the write-ahead logs: what a replay would take from each of them, how it ends, and
// whether updates are missing that had been synced. Format: docs/formats/wal.md.
//
// The rules are those of a replay: logs in the order of their numbers; consecutive sequence numbers
// over all of them; nothing is taken from behind a torn tail or a gap, what stands there can only
// prove a loss. Without a manifest each log is judged on its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "format/internal_key.h"
#include "inspect/findings.h"
#include "lsm/env.h"

namespace lsm::inspect {

// What the manifest says about the logs.
struct LogsStated {
  uint64_t first = 0;                // logs with lower numbers are obsolete; 0: there was none yet
  SequenceNumber last_sequence = 0;  // that the tables hold
  bool sequence_runs_ahead = false;  // not all of them: LevelDB wrote it
};

// Checks logs `numbers`, ascending: those that are not obsolete. Each gets one line at least.
void CheckLogs(Env* env, const std::string& dir, const std::vector<uint64_t>& numbers,
               const std::optional<LogsStated>& stated, Findings* findings);

}  // namespace lsm::inspect
