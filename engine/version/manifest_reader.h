// Reading a manifest back: its edits, applied in order, are the state of the tree.
// Format: docs/formats/manifest.md.
//
// Each edit is synced before the next is written, and a manifest's first record before CURRENT
// names it. Therefore (1) a manifest without a whole record is damaged, (2) a bad record with a
// whole one behind it is damaged, (3) a bad record with none behind it is a torn tail: its edit was
// never acknowledged and is dropped. The same holds for what a file system may show in new space,
// the records of a removed file: they are no bad spot, but their numbers go back.
#pragma once

#include <cstdint>
#include <memory>

#include "contract/version/edit.h"

namespace lsm {

struct ManifestState {
  std::shared_ptr<const Tree> tree;
  uint64_t log_number = 0;
  uint64_t next_file_number = 0;  // above every number that the manifest mentions
  SequenceNumber last_sequence = 0;
  bool sequence_runs_ahead = false;
};

// Corruption names the manifest and the offset or record; InvalidArgument names both comparators.
Result<ManifestState> ReadManifest(const VersionOptions& options, uint64_t manifest_number);

}  // namespace lsm
