// What several remote stages answer to the stage behind the wall.
#pragma once

#include <string_view>

#include "lsm/comparator.h"
#include "remote/wire.h"

namespace lsm::remote {

// The order of two keys, whose call has been read: kCompare.
inline void ServeCompare(const Comparator* user, In* in, Out* out) {
  const std::string_view a = in->Bytes();
  const int order = user->Compare(a, in->Bytes());
  out->Number(order < 0 ? 0 : order == 0 ? 1 : 2);
}

// Where an iterator stands: after a move, or when it was made.
template <class I>
void TellPosition(const I& it, Out* out) {
  const bool valid = it.Valid();
  out->Number(valid ? 1 : 0);
  out->Bytes(valid ? std::string_view(it.key()) : std::string_view());
  out->Bytes(valid ? std::string_view(it.value()) : std::string_view());
  out->Outcome(it.status());
}

}  // namespace lsm::remote
