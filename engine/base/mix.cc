#include "base/mix.h"

#include <algorithm>

// Set for this file alone, as "wal=/a/dir:bloom=/b/dir"; unset where no database is built.
#ifndef LSM_MIX
#define LSM_MIX ""
#endif

namespace lsm {

std::vector<ReplacedStage> ReplacedStages() {
  std::vector<ReplacedStage> stages;
  std::string_view rest = LSM_MIX;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const size_t equals = rest.find('=');
    stages.push_back({std::string(rest.substr(0, equals)),
                      std::string(rest.substr(equals + 1, end - equals - 1))});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return stages;
}

bool IsReference(std::string_view stage) {
  const std::vector<ReplacedStage> replaced = ReplacedStages();
  return std::none_of(replaced.begin(), replaced.end(),
                      [stage](const ReplacedStage& r) { return r.name == stage; });
}

}  // namespace lsm
