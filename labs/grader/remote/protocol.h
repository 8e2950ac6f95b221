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

// What a stage asks of the file or the function that its object was made with.
enum class FileCall : uint64_t { kAppend, kFlush, kSync, kClose, kRead, kProof };

}  // namespace lsm::remote
