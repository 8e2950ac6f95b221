// A total order over user keys. Thread-safe: all methods are const and stateless.
//
// The name is written to the manifest; opening a database with another comparator's name fails.
#pragma once

#include <string>
#include <string_view>

namespace lsm {

class Comparator {
 public:
  virtual ~Comparator() = default;

  // <0, 0, >0 as a sorts before, with, or after b.
  virtual int Compare(std::string_view a, std::string_view b) const = 0;

  // Change it whenever the order changes. Names starting "leveldb." and "lsm." are taken.
  virtual std::string_view Name() const = 0;

  // May shorten *start to any key in [*start, limit); keeps index blocks small.
  virtual void FindShortestSeparator(std::string* start, std::string_view limit) const = 0;

  // May change *key to any short key >= *key.
  virtual void FindShortSuccessor(std::string* key) const = 0;
};

// Lexicographic order of unsigned bytes: "leveldb.BytewiseComparator". Never destroyed.
const Comparator* BytewiseComparator();

}  // namespace lsm
