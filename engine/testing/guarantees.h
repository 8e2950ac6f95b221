// The guarantee matrix: what holds for each property when something goes wrong. One table in
// guarantees.cc; docs/guarantees.md shows it, and the verdict on a run is made by it.
//
// The table lists exceptions: what no rule names is promised without a word. The first rule that
// fits counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/env.h"
#include "lsm/options.h"
#include "testing/property.h"

namespace lsm::lab {

enum class FaultClass : uint8_t {
  kNone,
  kExpiry,             // tables went by themselves, under policy fifo
  kKill,               // the process ends, the machine goes on
  kPowerCut,           // with any image that the profile allows
  kStaleSpace,         // a power cut behind which new space shows the bytes of removed files
  kStaleBlock,         // the same where a block of a log begins
  kTornRename,         // a power cut where renames are not atomic
  kIoError,            // an operation fails before it has an effect, or in its middle
  kIoErrorAfterwards,  // an operation reports failure, but happened
  kFullDisk,
  kFailedSync,  // the pages are clean afterwards, whatever is on the disk
  kLateSync,    // a sync that failed says OK; a later operation reports it
  kLyingSync,   // a sync says OK and does nothing
  kDamage,      // bytes changed or went while closed; evidence that they were synced is left
  kTailDamage,  // the same in what was synced last: nothing tells it from a torn tail
  kLiveDamage,  // bytes changed under an open database
  kCount
};

enum class Promise : uint8_t {
  kPromised,
  kReported,  // it holds, or an operation returns an error
  kExcluded,  // neither
  kNone       // the property says nothing here
};

struct Circumstances {
  FaultClass fault = FaultClass::kNone;
  IoMode io = IoMode::kMapped;
  WalSync sync = WalSync::kOnRequest;
};

struct Guarantee {
  Promise promise = Promise::kPromised;
  std::string_view reason{};  // or a restriction; empty if there is nothing to say
};

Guarantee GuaranteeOf(Property property, const Circumstances& circumstances);

// The weakest promise over all the faults of a run.
Promise WeakestPromise(Property property, const std::vector<Circumstances>& run);

std::string_view FaultText(FaultClass fault);

// The matrix and its notes, as docs/guarantees.md has them.
std::string GuaranteesMarkdown();

}  // namespace lsm::lab
