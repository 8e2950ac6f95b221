// Stage 5, iterators: merging of sorted sources, and the user's view at a sequence number. A stage
// provides, in namespace lsm, <stage/iterator/merging_iterator.h> with
// MergingIterator<Source> and <stage/iterator/visible_iterator.h> with VisibleIterator<Input>.
//
// MergingIterator(comparator, sources): sources are newest first.
//   I-MERGE   Yields every entry of every source, in order, both ways; of equal internal keys the
//             one of the earlier source comes first going forward.
//   I-TURN    Next after Prev (and Prev after Next) continues from the current key in all sources.
//   I-ERROR   A source's error ends the iteration with that status; it is never taken for its end.
//             An unparseable key is a Corruption; this and I-ERROR hold for both iterators.
//   I-GROW    A source may gain entries during a walk, also between two calls to it within one
//             move: a memtable is being written. The entries that were there before are walked all
//             the same, in order, both ways; this holds for both iterators.
//
// VisibleIterator(comparator, input, sequence, bounds): one entry a user key.
//   I-VISIBLE For each user key the newest version with a sequence at or below `sequence`; none if
//             that is a tombstone. Versions above `sequence` are never seen, after a turn neither.
//   I-BOUNDS  Only keys in [lower, upper). SeekToFirst, SeekToLast, Seek and SeekForPrev clamp to
//             the bounds. A bound with null data() is open. Reaching a bound invalidates; no
//             wrap-around.
//   I-SAME    Forward, backward and zig-zag walks see the same entries.
//   I-KEEP    key() and value() stand until the next move, also after a turn.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "format/internal_iterator.h"
#include "format/internal_key.h"

namespace lsm {

struct IteratorBounds {
  std::string_view lower{}, upper{};  // must outlive the iterator
};

template <class M, class Source>
concept MergingIteratorStage = InternalIterator<M> &&
    std::constructible_from<M, const InternalKeyComparator&, std::vector<Source>>;

template <class V, class Input>
concept VisibleIteratorStage = std::constructible_from<V, const InternalKeyComparator&, Input,
                                                       SequenceNumber, const IteratorBounds&> &&
    requires(V it, const V& c, std::string_view target) {
  { c.Valid() } -> std::same_as<bool>;
  it.SeekToFirst();
  it.SeekToLast();
  it.Seek(target);         // user keys
  it.SeekForPrev(target);  // last key <= target
  it.Next();
  it.Prev();
  { c.key() } -> std::convertible_to<std::string_view>;
  { c.value() } -> std::convertible_to<std::string_view>;
  { c.status() } -> std::convertible_to<Status>;
};

}  // namespace lsm
