// The offline check: reads every file of a database that is not open and lists all that is wrong,
// not only the first damage. It works on directories that cannot be opened: what needs the manifest
// is then left out, and every table and log is checked on its own.
//
// Checked are
//   CURRENT and the manifest   as opening would read them; a torn tail is a note;
//   the tables of the tree     presence, size, the checksum of every block, order of the keys,
//   bounds
//                              as the manifest states them, and that the filter admits every key;
//   the logs                   every record, sequence numbers, how each log ends, whether
//                              something behind the end proves that it had been synced, and how
//                              many whole records stand there;
//   the directory              files that belong to nothing are notes: a crash leaves such files.
//
// Invariant: nothing is written. The lock is asked for and let go of at once; if it is held, a note
// says so, and what is being written may look damaged. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/comparator.h"
#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

struct Finding {
  // kSuspect: a crash may leave it behind, but so may damage, and the next open drops data.
  enum class Severity : uint8_t { kNote, kSuspect, kDamage };

  Severity severity = Severity::kNote;
  std::string file;                // path
  std::optional<uint64_t> offset;  // in the file, where it is known; the text says it, too
  std::string text;
};

// "note", "suspect" or "damage".
std::string_view SeverityName(Finding::Severity severity);

// "damage: db/000005.ldb: block at offset 12: checksum mismatch".
std::string ToText(const Finding& finding);

// Appends to *findings. OK whatever was found; InvalidArgument if `dir` holds no database or one of
// another comparator; an IOError if the directory cannot be read.
Status CheckDatabase(Env* env, const std::string& dir, const Comparator* comparator,
                     std::vector<Finding>* findings);

}  // namespace lsm
