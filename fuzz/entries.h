// What the targets of sorted formats share: entries out of an input, and walks over iterators that
// may be damaged.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/internal_iterator.h"
#include "format/internal_key.h"
#include "fuzz/input.h"

namespace lsm::fuzz {

struct InternalLess {
  bool operator()(const std::string& a, const std::string& b) const {
    return InternalKeyComparator(BytewiseComparator()).Compare(a, b) < 0;
  }
};
using Entries = std::map<std::string, std::string, InternalLess>;  // by internal key
using Entry = std::pair<std::string, std::string>;

// Each piece is a user key; keys come often in several versions. The value is the piece before.
inline Entries EntriesOf(Input* input) {
  Entries entries;
  std::string last;
  while (!input->empty()) {
    const uint8_t draw = input->Byte();
    const std::string user_key = draw % 4 == 0 ? last : input->Piece();
    const auto type = draw % 8 == 1 ? ValueType::kDeletion : ValueType::kValue;
    const std::string key = MakeInternalKey(user_key, 1 + draw / 8, type);
    entries[key] = type == ValueType::kValue ? last : std::string();
    last = user_key;
  }
  return entries;
}

// A walk gives up after so much: shared prefixes make keys that together are far longer than the
// file.
inline constexpr size_t kMaxWalkBytes = size_t{4} << 20;

struct Walk {
  std::vector<Entry> entries;
  Status status;
  size_t bytes = 0;
  bool given_up = false;

  // Takes the entry that the iterator stands at; false at the end.
  template <InternalIterator I>
  bool Take(const I& it, size_t max_entries) {
    status = it.status();
    given_up = it.Valid() && (entries.size() == max_entries || bytes > kMaxWalkBytes);
    if (!it.Valid() || given_up) return false;
    entries.emplace_back(it.key(), it.value());
    bytes += entries.back().first.size() + entries.back().second.size();
    return true;
  }
};

template <InternalIterator I>
Walk WalkForward(I* it, size_t max_entries) {
  Walk walk;
  for (it->SeekToFirst(); walk.Take(*it, max_entries); it->Next()) {
  }
  return walk;
}

template <InternalIterator I>
Walk WalkBackward(I* it, size_t max_entries) {
  Walk walk;
  for (it->SeekToLast(); walk.Take(*it, max_entries); it->Prev()) {
  }
  return walk;
}

// Are these the entries of a sound table: internal keys in ascending order?
inline bool AreSorted(const std::vector<Entry>& entries) {
  ParsedInternalKey parsed;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!ParseInternalKey(entries[i].first, &parsed)) return false;
    if (i > 0 && !InternalLess()(entries[i - 1].first, entries[i].first)) return false;
  }
  return true;
}

}  // namespace lsm::fuzz
