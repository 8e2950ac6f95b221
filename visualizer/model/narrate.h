// What a moment means, as a sentence for somebody who sees an LSM-tree for the first time; and the
// whole of a run in such sentences, for those who cannot see the pictures.
#pragma once

#include <string>

#include "model/history.h"

namespace lsm::viz {

// What happens in it: decides colour and letter in the timeline.
enum class Kind : uint8_t { kNote, kWrite, kFlush, kCompaction, kRead, kStall, kRecovery, kError };
inline constexpr size_t kKinds = 8;

Kind KindOf(const Moment& moment);
const char* KindName(Kind kind);

// Without a full stop.
std::string Narrate(const Moment& moment);

// "4.0 KB"; exact below 10,000 bytes.
std::string Bytes(uint64_t bytes);

// The moment in one line, and a second one with the tree where it has changed.
std::string TranscriptOf(const History& history);

}  // namespace lsm::viz
