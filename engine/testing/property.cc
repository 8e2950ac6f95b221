#include "testing/property.h"

#include <array>

#include "base/check.h"

namespace lsm::lab {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(Property::kCount)> kTexts = {
    "P0 without a fault no operation fails or aborts",
    "P1 synced acknowledged writes survive",
    "P2 the recovered state is a prefix of commit order",
    "P3 batches are all or nothing",
    "P4 nothing is invented, nothing resurrected",
    "P5 recovery is idempotent",
    "P6 what was observed after a recovery survives",
    "P7 sequence and file numbers never go back",
    "P8 open never fails under crash-only faults",
    "P9 every injected error surfaces",
    "P10 after a failed log write nothing is acknowledged until reopen or resume",
    "P11 snapshots repeat",
    "P12 scan = get = reverse scan",
    "P13 the structure of the tree is sound",
    "P14 work goes forward",
    "P15 reads see the newest acknowledged write",
};

}  // namespace

std::string_view PropertyText(Property property) {
  LSM_CHECK(property < Property::kCount);
  return kTexts[static_cast<size_t>(property)];
}

std::string_view PropertyId(Property property) {
  const std::string_view text = PropertyText(property);
  return text.substr(0, text.find(' '));
}

std::optional<Property> FindProperty(std::string_view id) {
  for (size_t i = 0; i < kTexts.size(); ++i) {
    if (PropertyId(static_cast<Property>(i)) == id) return static_cast<Property>(i);
  }
  return std::nullopt;
}

}  // namespace lsm::lab
