// GrowingSource: an InternalIterator over a sorted map that may be added to while it is read, as a
// memtable is: between moves, or by on_move, which runs after each move as another thread may.
// The map must outlive it. Not thread-safe.
#pragma once

#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

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

  explicit GrowingSource(
      const Map* map, std::function<void()> on_move = [] {})
      : map_(map), on_move_(std::move(on_move)), at_(map->end()) {}

  bool Valid() const { return at_ != map_->end(); }
  void SeekToFirst() { MoveTo(map_->begin()); }
  void SeekToLast() { MoveTo(map_->empty() ? map_->end() : std::prev(map_->end())); }
  void Seek(std::string_view target) { MoveTo(map_->lower_bound(std::string(target))); }
  void Next() { MoveTo(std::next(at_)); }
  void Prev() { MoveTo(at_ == map_->begin() ? map_->end() : std::prev(at_)); }
  std::string_view key() const { return at_->first; }
  std::string_view value() const { return at_->second; }
  Status status() const { return Status::Ok(); }

 private:
  void MoveTo(Map::const_iterator to) {
    at_ = to;
    on_move_();
  }

  const Map* map_;
  std::function<void()> on_move_;
  Map::const_iterator at_;
};

}  // namespace lsm
