// The user's iterator: the iterator stage over the places of one ReadView.
#pragma once

#include <memory>

#include "db/read_view.h"
#include "db/table_cache.h"
#include "lsm/iterator.h"
#include "lsm/options.h"

namespace lsm {

class DBImpl;

std::unique_ptr<Iterator> NewDbIterator(DBImpl* db, std::shared_ptr<const ReadView> view,
                                        const InternalKeyComparator& cmp, TableCache* tables,
                                        SequenceNumber sequence, const ReadOptions& options);

// Never valid; `status` says why.
std::unique_ptr<Iterator> NewErrorIterator(Status status);

}  // namespace lsm
