// Fragments: what a log's blocks hold. Shared by the writer and the reader.
//
// Bytes [0, 4) masked crc32c of the type and the payload, [4, 6) payload length, [6] type,
// [7, 7 + length) payload; integers are little-endian.
//
// A fragment at position p of a block is valid if and only if
//   1. all of it lies in the block, and in the file;
//   2. its type is one of kFull, kFirst, kMiddle, kLast;
//   3. its checksum matches;
//   4. it ends at the block's end, if its record goes on in the next block (kFirst, kMiddle).
// A writer splits a record at block ends alone, so 4 holds for all that it writes.
//
// Format: docs/formats/wal.md. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lsm::wal {

// On disk in every log: never change the numbers.
enum class FragmentType : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Fragment {
  FragmentType type = FragmentType::kFull;
  std::string_view payload{};
};

// The checksum as it is stored.
uint32_t FragmentChecksum(FragmentType type, std::string_view payload);

// Parses the fragment at block[pos]; `block` ends where its block or the file ends. Null if it is
// valid, else what is wrong with it.
const char* ParseFragment(std::string_view block, size_t pos, Fragment* fragment);

}  // namespace lsm::wal
