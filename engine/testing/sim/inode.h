// A simulated file's bytes in two views: volatile, as every reader sees them, and durable, as they
// are on the device.
//
// Invariants:
//   1. In a sector that is not dirty the volatile bytes are the durable bytes, with zeros behind
//   the
//      durable end, as far as the volatile size reaches.
//   2. Dirty sectors begin below the volatile size.
//   3. A mapping, once handed out, never changes: bytes are copied before a write to them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm::sim {

inline constexpr uint64_t kSectorBytes = 512;

class Inode {
 public:
  explicit Inode(uint64_t id) : id_(id) {}

  uint64_t id() const { return id_; }
  uint64_t size() const { return bytes_->size(); }
  const std::string& bytes() const { return *bytes_; }
  std::shared_ptr<const std::string> Map() const { return bytes_; }

  void Write(uint64_t offset, std::string_view data);  // fills a gap before offset with zeros
  void Resize(uint64_t size);                          // new bytes are zeros
  void Sync();
  void Overwrite(std::string_view data);  // durable at once

  bool IsDirty() const { return !dirty_.empty() || size() != durable_.size(); }
  // Appends what is not durable: sectors by offset, then the size.
  void ListUnits(const std::string& path, std::vector<UnsyncedUnit>* units) const;
  // Makes the durable bytes, with those units for which `keep` is true, the only bytes. Asks in the
  // order of ListUnits.
  void LoseUnsynced(const std::function<bool()>& keep);

 private:
  std::string* Mutable();
  void MarkDirty(uint64_t begin, uint64_t end);
  void CopySector(uint64_t sector, std::string* to) const;

  const uint64_t id_;
  std::shared_ptr<std::string> bytes_ = std::make_shared<std::string>();
  std::string durable_;
  std::set<uint64_t> dirty_;  // numbers of sectors
};

}  // namespace lsm::sim
