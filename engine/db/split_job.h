// SplitKeys: where a large compaction is cut into parts that several threads merge.
//
// A part is the user keys from one cut to the next, with all their versions, so that each part can
// judge its keys alone and the parts' outputs follow one another. Cuts stand where a table begins:
// what lies there is known without reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "contract/compaction/job.h"
#include "format/internal_key.h"

namespace lsm {

// The user keys with which the second part and those behind it begin, ascending: at most
// parts_max - 1, and so few that a part has about part_bytes_min bytes of input or more.
std::vector<std::string> SplitKeys(const CompactionJob& job, const InternalKeyComparator& cmp,
                                   size_t parts_max, uint64_t part_bytes_min);

}  // namespace lsm
