// A simulated file's bytes in two views: volatile, as every reader sees them, and durable, as they
// are on the device.
//
// Invariants:
//   1. In a sector that is not dirty the volatile bytes are the durable bytes, with zeros behind
//      the durable end, as far as the volatile size reaches.
//   2. Dirty sectors begin below the volatile size.
//   3. A dirty sector that was dropped (a sync of it failed) stays so until it is written again.
//   4. In a dirty sector, volatile and durable bytes differ in [begin, end) alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "testing/sim/image.h"

namespace lsm::sim {

class Inode {
 public:
  explicit Inode(uint64_t id) : id_(id) {}

  uint64_t id() const { return id_; }
  uint64_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

  void Write(uint64_t offset, std::string_view data);  // fills a gap before offset with zeros
  void Resize(uint64_t size);                          // new bytes are zeros
  void Sync();
  void DropDirty();    // a sync failed: no later one writes these sectors, readers see them
  void RevertDirty();  // a sync failed: readers see what is on the device
  void Overwrite(std::string_view data);                // durable at once
  void Damage(uint64_t offset, std::string_view data);  // in both views, as far as each reaches

  // The error that a sync kept for itself (Effect::kLate); OK once it was told.
  Status TakeLateError() { return std::exchange(late_error_, Status::Ok()); }
  void set_late_error(Status error) { late_error_ = std::move(error); }

  bool IsDirty() const { return !dirty_.empty() || size() != durable_.size(); }
  // Appends what is not durable: sectors by offset, then the size.
  void ListUnits(const std::string& path, std::vector<UnsyncedUnit>* units) const;
  // Makes the durable bytes, changed as the fates say, the only bytes. Asks in the order of
  // ListUnits. `removed(n)` is what the file held that was removed n removals ago.
  void LoseUnsynced(const std::function<Fate()>& next_fate,
                    const std::function<std::string_view(uint64_t n)>& removed);

 private:
  struct Dirty {
    uint64_t begin, end;  // in the file
    bool grew;            // written when the file ended before or within it
    bool dropped;
  };
  using DirtyMap = std::map<uint64_t, Dirty>;  // by number of the sector

  void MarkDirty(uint64_t begin, uint64_t end, bool grew);
  void CopySector(uint64_t sector, std::string* to) const;
  void ApplyFate(const Dirty& dirty, uint64_t sector, const Fate& fate, std::string_view removed);

  const uint64_t id_;
  std::string bytes_;
  std::string durable_;
  DirtyMap dirty_;
  uint64_t smallest_size_ = 0;  // volatile, since the last sync
  Status late_error_;
};

}  // namespace lsm::sim
