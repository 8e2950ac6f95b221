// InternalIterator: what memtables, blocks, tables, runs and merges have in common. A concept and
// no base class: merges are compiled for their sources, so that a step costs no virtual call.
//
// Semantics: keys are internal keys in ascending order. Seek goes to the first key >= target. A
// position is either valid, or before the first / behind the last key (then Valid() is false, and
// status() tells an error from an end). key() and value() stand until the next move. Movable.
#pragma once

#include <concepts>
#include <string_view>

#include "lsm/status.h"

namespace lsm {

template <class I>
concept InternalIterator =
    std::move_constructible<I> && requires(I it, const I& c, std::string_view target) {
      { c.Valid() } -> std::same_as<bool>;
      it.SeekToFirst();
      it.SeekToLast();
      it.Seek(target);
      it.Next();  // requires Valid()
      it.Prev();  // requires Valid()
      { c.key() } -> std::convertible_to<std::string_view>;    // requires Valid()
      { c.value() } -> std::convertible_to<std::string_view>;  // requires Valid()
      { c.status() } -> std::convertible_to<Status>;
    };

}  // namespace lsm
