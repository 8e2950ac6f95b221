// ToyDb: the smallest database that keeps the promises: one log, one map, no tree. It shows that
// the harness judges the contract and not the reference engine, and it carries flaws that can be
// switched on, one for each property: a check that cannot fail is a defect.
// With policy = fifo a Flush expires all that was there at the Flush before.
//
// On disk: NNNNNN.log, records of masked crc32c fixed32 | length fixed32 | WriteBatch bytes.
// Opening writes all live data as the first record of the next number, syncs file and directory,
// and then removes the old log. The highest number whose first record is whole counts.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/sync.h"
#include "lsm/db.h"

namespace lsm::lab {

enum class Flaw : uint8_t {
  kNone,
  kFailingGet,      // P0: a Get fails for no reason
  kSkipSync,        // P1: a synced write is only flushed
  kCloseUnsynced,   // P1: a close is not a sync
  kResumeGoesOn,    // P1, P4: Resume goes on in the log that failed
  kKeepHoles,       // P2: replay leaves out the record before the last
  kSplitBatch,      // P3: one log record an update
  kForgetDelete,    // P4: a deletion is not logged
  kLoseOnRewrite,   // P5: opening replays the log but does not write it again
  kTrustHeader,     // P6: of a record only the header is checked
  kTrustStale,      // P6: the records of another log count, too
  kDropOldest,      // P6: opening leaves out the first record, when there are others
  kForgetSequence,  // P7: opening begins again at the number of live entries
  kReuseNumber,     // P7: opening writes the new log under the number of the old one
  kTornIsCorrupt,   // P8: a torn tail fails the open
  kZerosAreTorn,    // P8: so it does, unless it is zeros
  kSwallowErrors,   // P9: a failed append is acknowledged
  kSwallowSyncs,    // P9: a sync that fails is one that succeeds
  kSwallowReads,    // P9: Get looks for its log; what it cannot open holds nothing
  kSwallowReplay,   // P9: opening takes a read error for the end of the log
  kGoOnAfterError,  // P10: the write after a failed one is acknowledged
  kMovingSnapshot,  // P11: a snapshot reads the newest state
  kLazyLast,        // P12: the reverse walk leaves out the last key
  kBadStructure,    // P13: the integrity check finds something
  kHoardLogs,       // P14: old logs stay
  kHoardFiles,      // P14: each Get leaves a file open until the close
  kHoardMemory,     // P14: all versions are kept
  kStaleGet,        // P15: Get answers with the first version
  kOpenBatch,       // P3, to readers: other calls may come between the updates of a batch
  kLoosePrefix,     // P12: an iterator with a prefix goes on behind it
  kBadSizes,        // P0: the parts of the key space are larger than the whole
  kDeleteBeyond,    // P4: DeleteFilesInRange goes on behind the range
  kShowOlder,       // P4: DeleteFilesInRange brings the first versions back
  kExpireUntold,    // P15: what expires is not told
  kExpireNewer,     // P15: what is newer than what is told goes with it
  kExpireNewest,    // P4: of what expires only the newest versions go
  kExpireAgain,     // P4: what expired is there again when the database is opened
};

Result<std::unique_ptr<DB>> OpenToyDb(const Options& options, const std::string& path, Flaw flaw);

}  // namespace lsm::lab
