// TreeWatch: the tree of tables, as the events of a database tell it. To ask the database would be
// a schedule point: who looks on would see another run. Not thread-safe: the tasks of a SimEnv take
// turns.
#pragma once

#include <string>

#include "events/event_tree.h"
#include "lsm/event.h"

namespace lsm::lab {

class TreeWatch final : public EventListener {
 public:
  void OnEvent(const Event& event) override { tree_.Apply(event); }
  std::string ToString() const { return "tree  " + tree_.ToString(); }

 private:
  EventTree tree_;
};

}  // namespace lsm::lab
