// The properties that the harness judges by, by name. A verdict names the one that broke; the
// promise behind each, fault by fault, is docs/guarantees.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lsm::lab {

enum class Property : uint8_t {
  kP0,
  kP1,
  kP2,
  kP3,
  kP4,
  kP5,
  kP6,
  kP7,
  kP8,
  kP9,
  kP10,
  kP11,
  kP12,
  kP13,
  kP14,
  kP15,
  kCount
};

// "P1", "P2", ...
std::string_view PropertyId(Property property);
std::optional<Property> FindProperty(std::string_view id);
// "P1 synced acknowledged writes survive", ...
std::string_view PropertyText(Property property);

}  // namespace lsm::lab
