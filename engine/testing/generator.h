// Generates traces with RapidCheck. A trace is a pure function of flavour, seed and length, the
// same under every compiler: every draw is a statement of its own.
//
// Tiny knobs (memtables of 1 to 4 KiB, blocks of 64 to 256 bytes, two to four files a level) let
// short traces reach deep trees. Keys are mostly ones that were used already, else neighbours and
// prefixes of them, the empty key, keys of 0xff.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "testing/trace.h"

namespace lsm::lab {

enum class Flavour : uint8_t {
  kModel,      // one client; reopens, no crash
  kCrashes,    // one client; power cuts with all kinds of images, kills
  kSchedules,  // two or three clients; now and then a power cut
  kFaults,     // one or two clients; injected errors, resumes
  kHistories,  // two to four clients that write the same few keys; now and then a power cut
  kDamaged,    // one client; files changed behind the engine's back
};
inline constexpr size_t kFlavours = 6;

std::string_view FlavourName(Flavour flavour);  // "model", "crashes", ...

Trace GenerateTrace(Flavour flavour, uint64_t seed, size_t operations);

// The index-th trace of the series that `seed` decides: of 20 to kMaxSeriesOperations operations.
inline constexpr size_t kMaxSeriesOperations = 220;
Trace TraceAt(Flavour flavour, uint64_t seed, uint64_t index);

}  // namespace lsm::lab
