// ReadView: all places that hold data at one moment. Immutable; a reader that holds it needs no
// lock, and everything in it stays readable until the last reader lets go.
#pragma once

#include <memory>
#include <vector>

#include "db/stages.h"
#include "format/tree.h"

namespace lsm {

struct ReadView {
  std::shared_ptr<const MemTable> active;
  std::vector<std::shared_ptr<const MemTable>> sealed;  // newest first
  std::shared_ptr<const Tree> tree;
};

}  // namespace lsm
