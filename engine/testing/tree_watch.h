// TreeWatch: the tree of tables, as the events of a database tell it. To ask the database would be
// a schedule point: who looks on would see another run. Not thread-safe: the tasks of a SimEnv take
// turns.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lsm/event.h"

namespace lsm::lab {

class TreeWatch final : public EventListener {
 public:
  void OnEvent(const Event& event) override;
  // "tree  L0: 9 12  L2: 7"
  std::string ToString() const;

 private:
  std::map<uint64_t, uint64_t> levels_;  // file number -> level
};

}  // namespace lsm::lab
