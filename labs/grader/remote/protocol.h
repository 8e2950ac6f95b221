// The numbers of the calls between remote stages (stages/) and their hosts (hosts/). Arguments and
// answers stand where they are written and read: both ends are built from one tree, there are no
// versions.
#pragma once

#include <cstdint>

namespace lsm::remote {

enum class BloomCall : uint64_t { kName, kHash, kBuild, kMayMatch, kBitsPerKeyFor };

enum class WalCall : uint64_t {
  kNewWriter,
  kAppend,
  kSync,
  kSize,
  kDropWriter,
  kNewReader,
  kRead,
  kEnd,
  kStatus,
  kDropReader
};

enum class MemTableCall : uint64_t {
  kNew,
  kAdd,
  kGet,
  kMemoryUsage,
  kEntries,
  kDrop,
  kNewIterator,
  kSeekToFirst,
  kSeekToLast,
  kSeek,
  kNext,
  kPrev,
  kDropIterator
};

// How an iterator moves: a stage's, or a source that it asks to.
enum class Move : uint64_t { kSeekToFirst, kSeekToLast, kSeek, kSeekForPrev, kNext, kPrev };

enum class IteratorCall : uint64_t { kNewMerging, kNewVisible, kMove, kDrop };

// What a stage asks of the file, the function or the comparator that its object was made with.
enum class HarnessCall : uint64_t {
  kAppend,
  kFlush,
  kSync,
  kClose,
  kRead,
  kProof,
  kCompare,
  kMoveSource
};

}  // namespace lsm::remote
