// A table that LevelDB wrote, and what it holds.
#pragma once

#include <string>
#include <string_view>

#include "contract/sstable/fixture.h"

namespace lsm::sstable_suite {

// The table that LevelDB 1.23 made of: put apple red, apricot orange, cherry dark, blue berry,
// delete banana, put apple green; with blocks of 64 bytes, restart interval 2, no compression, no
// filter.
inline constexpr std::string_view kLevelDbTable =
    "000d056170706c650106000000000000677265656e0607030100000000000072"
    "6564000f0661707269636f7401020000000000006f72616e6765000e0062616e"
    "616e610005000000000000000c05626c75650104000000000000626572727900"
    "0e0463686572727901030000000000006461726b00000000220000004b000000"
    "0300000000841e9934000000000100000000c0f2a1b00009036401ffffffffff"
    "ffff0084010000000001000000009fb437108901089601170000000000000000"
    "000000000000000000000000000000000000000000000000000057fb808b2475"
    "47db";

inline std::string FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

inline Model LevelDbModel() {
  Model model;
  model[Key("apple", 6)] = "green";
  model[Key("apple", 1)] = "red";
  model[Key("apricot", 2)] = "orange";
  model[Key("banana", 5, ValueType::kDeletion)] = "";
  model[Key("blue", 4)] = "berry";
  model[Key("cherry", 3)] = "dark";
  return model;
}

}  // namespace lsm::sstable_suite
