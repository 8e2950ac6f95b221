// What the simulated process holds: open files, mappings, locks. Counted, bounded, and told by
// name, so that a leak is a finding. A file that was unlinked while open keeps its space until its
// last handle is gone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lsm/status.h"
#include "testing/sim/inode.h"

namespace lsm::sim {

// Not copied or moved: handles point to it.
class HandleTable {
 public:
  enum class Kind : uint8_t { kReader, kWriter, kMapping, kLock };  // a mapping is no descriptor

  // Gives its place back when destroyed; after Clear that means nothing.
  class Handle {
   public:
    Handle() = default;
    Handle(HandleTable* table, uint64_t id) : table_(table), id_(id) {}
    Handle(Handle&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)), id_(other.id_) {}
    Handle& operator=(Handle&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Handle() { Close(); }
    void Close();

   private:
    HandleTable* table_ = nullptr;
    uint64_t id_ = 0;
  };

  explicit HandleTable(uint64_t max_files) : max_files_(max_files) {}

  // IOError if the process has as many descriptors as it may. `file` may be null.
  Status CheckRoom(const char* what, const std::string& path) const;
  Handle Add(Kind kind, const std::string& path, std::shared_ptr<Inode> file);
  void Clear();  // the process is gone

  std::vector<std::string> List() const;  // "writer /db/000003.log", in the order of opening
  std::vector<std::shared_ptr<Inode>> Files() const;  // that are open, perhaps more than once
  bool IsLocked(const std::string& path) const;

 private:
  struct Open {
    Kind kind;
    std::string path;
    std::shared_ptr<Inode> file;
  };

  const uint64_t max_files_;
  uint64_t next_id_ = 1;
  uint64_t files_ = 0;  // descriptors
  std::map<uint64_t, Open> open_;
};

}  // namespace lsm::sim
