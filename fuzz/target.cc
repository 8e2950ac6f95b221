#include "fuzz/target.h"

#include <algorithm>
#include <array>

namespace lsm::fuzz {

std::span<const Target> Targets() {
  static const std::array kTargets = {WalTarget(),    BlockTarget(),    TableTarget(),
                                      FilterTarget(), ManifestTarget(), BatchTarget(),
                                      TraceTarget(),  OpsTarget(),      DirectoryTarget()};
  return kTargets;
}

const Target* FindTarget(std::string_view name) {
  for (const Target& target : Targets()) {
    if (target.name == name) return &target;
  }
  return nullptr;
}

Finding Check(const Target& target, std::string_view input) {
  return target.check(input.substr(0, target.max_bytes));
}

}  // namespace lsm::fuzz
