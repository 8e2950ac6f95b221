// EventTree: the tree of tables as the events of a database tell it, without asking the database.
// Every change can be taken back, so that one can walk through a run in both directions; what an
// event or its taking back costs does not depend on the size of the tree, but for a logarithm.
//
// Keys are ordered by their bytes, also where the database orders them in another way. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lsm/event.h"

namespace lsm {

class EventTree {
 public:
  using TableRef = std::shared_ptr<const event::Table>;
  // By level, in a level by run from new to old, in a run by smallest key.
  struct InTreeOrder {
    bool operator()(const TableRef& a, const TableRef& b) const;
  };
  using Tables = std::set<TableRef, InTreeOrder>;

  // What came and went with one event.
  struct Change {
    std::vector<TableRef> added, removed;
    bool empty() const { return added.empty() && removed.empty(); }
  };

  // Tables that are not there cannot go, and one that is there again stands where the newer event
  // says: a log that lost lines shows what can be known.
  Change Apply(const Event& event);
  // Requires the newest change that was not taken back yet.
  void Revert(const Change& change);

  const Tables& tables() const { return tables_; }
  TableRef Find(uint64_t file) const;  // null: not in the tree

  // "L0: 12[a..k] 9[b..z]  L2: 7[a..c] | 5[a..d]", a bar between the runs of a level below 0;
  // "empty" without a table. Long keys are cut.
  std::string ToString() const;

 private:
  void Insert(const TableRef& table);
  void Erase(const TableRef& table);

  Tables tables_;
  std::map<uint64_t, TableRef> by_file_;
};

}  // namespace lsm
