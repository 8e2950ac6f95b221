// Target wal: the input is a log file, and then the records of one.
#include "fuzz/wal_check.h"

#include <stage/wal/wal.h>

#include "fuzz/explain.h"
#include "fuzz/real_files.h"

namespace lsm::fuzz {

Target WalTarget() {
  return {.name = "wal",
          .about = "a log file: the records that the rules of the format give, no others",
          .max_bytes = size_t{128} << 10,
          .check = CheckWal<LogWriter, LogReader>,
          .seeds = [] { return RealFiles(FileKind::kWal); },
          .repair = RepairLog,
          .explain = ExplainLog};
}

}  // namespace lsm::fuzz
