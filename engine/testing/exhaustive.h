// Bounded-exhaustive crash testing: every sequence of a few operations from a small alphabet over
// two keys, with the power cut at every I/O of the last one. What a short sequence can break is
// found for certain, and small.
//
// Only the last operation is cut: an earlier one is the last of a shorter sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "lsm/options.h"
#include "testing/trace.h"

namespace lsm::lab {

// A letter of the alphabet: operations as a trace writes them, one a line. V stands for a value
// that counts the writes before it, so that sequences which wrote the same are the same.
struct Letter {
  std::string_view name, text;
};
std::span<const Letter> Alphabet();

uint64_t SequenceCount(size_t length);  // the size of the alphabet to the power of length

struct Sequence {
  Trace trace;
  size_t last_letter = 0;  // the first operation of it
};
// The index-th sequence of this length, in the order of the alphabet.
Sequence SequenceAt(size_t length, uint64_t index, IoMode io);

}  // namespace lsm::lab
