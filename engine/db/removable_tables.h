// Which tables can leave the tree unread. Pure.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "contract/compaction/concept.h"
#include "format/internal_key.h"
#include "format/tree.h"

namespace lsm {

// The tables with all their keys in [begin, end] (null data(): open), by level, that can go
// together so that no key shows an older version than before. So no table goes while an older one
// that overlaps it stays: that one may hold an older version of a key, or what a tombstone hides.
// `busy` ones stay.
std::vector<std::pair<int, FileRef>> RemovableTables(const Tree& tree,
                                                     const InternalKeyComparator& cmp,
                                                     std::string_view begin, std::string_view end,
                                                     const BusyFiles& busy);

}  // namespace lsm
