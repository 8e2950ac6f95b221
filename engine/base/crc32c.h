// CRC-32C (Castagnoli), with the processor's instruction where there is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lsm::crc32c {

// CRC of A+data, where init is the CRC of A.
uint32_t Extend(uint32_t init, std::string_view data);
// The same without the instruction: what other processors run.
uint32_t ExtendPortable(uint32_t init, std::string_view data);
inline uint32_t Value(std::string_view data) { return Extend(0, data); }

// Stored CRCs are masked: a CRC over bytes that hold their own CRC is weak. LevelDB's constants.
inline uint32_t Mask(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }
inline uint32_t Unmask(uint32_t masked) {
  const uint32_t rot = masked - 0xa282ead8U;
  return (rot >> 17) | (rot << 15);
}

}  // namespace lsm::crc32c
