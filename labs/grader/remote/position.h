// Where an iterator on the other side of the wall stands, as it told with its last move.
#pragma once

#include <string>

#include "lsm/status.h"
#include "remote/wire.h"

namespace lsm::remote {

struct Position {
  bool valid = false;
  std::string key, value;
  Status status;

  void Take(In* in) {
    valid = in->Flag();
    key = in->Bytes();
    value = in->Bytes();
    status = in->Outcome();
  }
};

}  // namespace lsm::remote
