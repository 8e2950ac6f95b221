// Stage 2, the memtable: the newest writes in memory, sorted. A stage provides, in namespace lsm,
// <stage/memtable/memtable.h> with MemTable and MemTable::Iterator.
//
//   M-ADD     Add copies key and value. Sequence numbers ascend over calls; one call a
//             (key, sequence).
//   M-GET     Get answers with the newest version of the user key whose sequence is at most the
//             lookup's: kFound with the value, kDeleted for a tombstone, kAbsent without a version.
//   M-ORDER   The iterator yields every version, as internal keys in InternalKeyComparator's order,
//             in both directions; tombstones included.
//   M-EMPTY   Empty keys and empty values are ordinary ones.
//   M-SIZE    MemoryUsage() counts at least the bytes of all keys and values and grows by at most
//             those plus 4 KiB + 64 bytes an Add; it never shrinks.
//   M-CONCUR  One thread adds while any number read without a lock: a version whose Add returned
//             before a read began is seen by that read; no torn version is ever seen.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "format/internal_iterator.h"
#include "format/internal_key.h"

namespace lsm {

template <class M>
concept MemTableStage =
    std::constructible_from<M, const InternalKeyComparator&> &&
    InternalIterator<typename M::Iterator> &&
    std::constructible_from<typename M::Iterator, const M*> &&
    requires(M m, const M& c, SequenceNumber sequence, ValueType type, std::string_view bytes,
             const LookupKey& key, std::string* value) {
      m.Add(sequence, type, bytes, bytes);
      { c.Get(key, value) } -> std::same_as<LookupState>;  // value may be null
      { c.MemoryUsage() } -> std::same_as<size_t>;
      { c.Entries() } -> std::same_as<size_t>;
    };

}  // namespace lsm
