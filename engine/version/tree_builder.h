// TreeBuilder: a tree, changed by version edits, becomes the next tree. Reading a manifest applies
// many edits and builds once, so that its cost does not grow with edits x tables.
//
// An edit takes its removed tables out first, then puts its added ones in: a table that changes
// level stands in both lists. Tables of a level that carry one run number are one run, ordered by
// smallest key; the run with the highest number is the newest and stands first. Only Build checks
// the whole: states between edits may break the invariants of format/tree.h as long as the last one
// does not. Thread-safety: none needed, a builder is a local.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "contract/version/edit.h"

namespace lsm {

class TreeBuilder {
 public:
  TreeBuilder(const InternalKeyComparator& cmp, const Tree& base);

  // REQUIRES: levels in [0, kMaxLevels), well-formed internal keys (DecodeEdit ensures both).
  // Corruption if the edit removes a table that is not there or adds one that is; the builder is
  // then of no further use.
  Status Apply(const VersionEdit& edit);

  // Corruption if the tree breaks an invariant (CheckTree).
  Result<std::shared_ptr<const Tree>> Build() const;

 private:
  void GrowTo(int level);

  const InternalKeyComparator cmp_;
  std::vector<std::map<uint64_t, FileRef>> levels_;  // by file number
  std::vector<std::string> compact_pointers_;        // as many as levels_
};

}  // namespace lsm
