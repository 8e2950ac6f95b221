// Replays a recording into the simulated disk, whose two views, volatile and durable, then tell
// what a power cut could have left behind at any call (testing/sim/disk.h).
//
// Syncs of a file make its bytes durable, syncs of a directory its entries; sync_file_range and
// close promise nothing. The directory of the recording exists, durable, before the first call.
// What cannot be replayed exactly (a write through a mapping, a call that the recorder could not
// tell) is an error, never a guess. Files written through a FILE* are replayed without those bytes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "foreign/recording.h"
#include "testing/sim/disk.h"

namespace lsm::lab {

class DiskReplay {
 public:
  DiskReplay();

  // The next call. Corruption: it cannot have succeeded on this disk, or cannot be replayed.
  Status Apply(const FileCall& call);
  // All before call `end`.
  Status ApplyBefore(const Recording& recording, size_t end);

  const sim::Disk& disk() const { return disk_; }
  // Units that are lost, by index of disk().Unsynced(), go; the others stay.
  void CutPower(const sim::Image& image) { disk_.LoseUnsynced(image); }
  // A barrier: a sync that the process did not do. Paths as in Unsynced() and Dirty...().
  void Sync(const std::string& path, bool directory);

  // Writes the files that now exist into `dir`, which must be empty.
  Status WriteTo(const std::string& dir) const;
  // OK if `dir` holds what exists here, else Corruption with the first difference. What is in files
  // that were written through a FILE* may differ.
  Status CompareWith(const std::string& dir) const;
  // A digest of the names and bytes of all files.
  uint64_t Digest() const;

 private:
  struct OpenFile {
    std::string path;
    sim::Disk::File file;  // null: a directory
  };

  Status ApplyToOpen(const FileCall& call, OpenFile* open);
  Status ApplyOpen(const FileCall& call);
  template <class Visit>  // Status visit(relative path, file); file is null for a directory
  Status ForEach(const std::string& dir, Visit visit) const;

  sim::Disk disk_;
  std::map<int, OpenFile> open_;
  std::set<uint64_t> streams_;  // inodes with bytes that were not recorded
};

// The name within the recorded directory of a path on the replayed disk.
std::string RelativePath(std::string_view path);

}  // namespace lsm::lab
