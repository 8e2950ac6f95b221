// The stage mix of this build: which stages are not the reference's (cmake/stages.cmake).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lsm {

struct ReplacedStage {
  std::string name;
  std::string dir;
};
std::vector<ReplacedStage> ReplacedStages();

// For tests that state what the reference does where a contract leaves the choice: on another
// stage they skip.
bool IsReference(std::string_view stage);

}  // namespace lsm
