// The oracle of target `directory`, for any database: files of a real database are harmed as the
// input says, then it is opened. By docs/guarantees.md, an error is always a right answer, and what
// can be read must be
//   only tables harmed   the state of before; each read is right, or an error;
//   logs harmed          the state after some commit, with all that tables hold, that stands before
//                        the harm, or that a proof which is still there says was synced (P1 to P3);
//   manifest or CURRENT  the state after some commit;
//   after a repair       for each key a value that it once had: nothing is invented (P4).
// A synced write to what was opened must be there, with all the rest, at the next open (P6).
#pragma once

#include "fuzz/target.h"
#include "testing/runner.h"

namespace lsm::fuzz {

struct DirectoryDoor {
  lab::OpenDb open = DB::Open;
  Status (*repair)(const Options& options, const std::string& path,
                   std::string* report) = DB::Repair;
};

Finding CheckDirectory(std::string_view input, const DirectoryDoor& door);

}  // namespace lsm::fuzz
