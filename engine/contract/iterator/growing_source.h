// GrowingSource: an InternalIterator over a sorted map that may be added to while it is read, as a
// memtable is. The map must outlive it. Not thread-safe.
#pragma once

#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

class GrowingSource {
 public:
  struct Less {
    InternalKeyComparator cmp;
    bool operator()(const std::string& a, const std::string& b) const {
      return cmp.Compare(a, b) < 0;
    }
  };
  using Map = std::map<std::string, std::string, Less>;  // internal key -> value

  explicit GrowingSource(const Map* map) : map_(map), at_(map->end()) {}

  bool Valid() const { return at_ != map_->end(); }
  void SeekToFirst() { at_ = map_->begin(); }
  void SeekToLast() { at_ = map_->empty() ? map_->end() : std::prev(map_->end()); }
  void Seek(std::string_view target) { at_ = map_->lower_bound(std::string(target)); }
  void Next() { ++at_; }
  void Prev() { at_ = at_ == map_->begin() ? map_->end() : std::prev(at_); }
  std::string_view key() const { return at_->first; }
  std::string_view value() const { return at_->second; }
  Status status() const { return Status::Ok(); }

 private:
  const Map* map_;
  Map::const_iterator at_;
};

}  // namespace lsm
