// VersionSet: which tables and logs are the database, kept durable as a manifest of version edits.
// Formats: docs/formats/manifest.md, docs/formats/current.md. Contract: contract/version/concept.h.
//
// Installing a change, in order (the caller's steps in parentheses):
//   (1) each new table is written and synced;
//   (2) the directory is synced: its entries survive;
//    3  the edit is appended to the manifest;
//    4  the manifest is synced: from here on the change survives;
//    5  current() is the new tree;
//   (6) logs and tables that the change made obsolete are removed.
// Beginning a manifest (before the first edit after Recover, in Rotate, when one has grown too
// large):
//    1  a file with a new number is created; its first record holds the whole state;
//    2  it is synced;
//    3  the directory is synced;
//    4  a temporary file with its name is written and synced;
//    5  the temporary file is renamed to CURRENT;
//    6  the directory is synced: from here on it is the manifest, and older ones are obsolete.
//
// Invariants:
//   1. A manifest is appended to only by the VersionSet that began it, and never after an error: no
//      edit stands behind a torn one.
//   2. This class removes no file. The caller may remove a manifest whose number is below
//      manifest_number(), but nothing at all between Recover and the first Apply or Rotate that
//      returned OK (an edit that Recover read may not be durable yet), and no table or log while an
//      error stands (the failed edit may be durable).
//   3. Every edit on disk carries a next file number above all numbers given out before.
// Thread-safety: NewFileNumber, MarkFileNumberUsed and current() at any time; the rest is
// serialised by the caller.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <stage/version/edit_codec.h>
#include <stage/wal/wal.h>
#include "contract/version/edit.h"
#include "env/sync.h"

namespace lsm {

class VersionSet {
 public:
  // A new database that holds what `initial` adds; InvalidArgument if there is one. CURRENT never
  // names a manifest without it. The directory exists, and syncing its own entry is the caller's.
  static Result<std::unique_ptr<VersionSet>> Create(const VersionOptions& options,
                                                    const VersionEdit& initial = {});

  // The state that CURRENT names. NotFound if there is no CURRENT; writes nothing.
  static Result<std::unique_ptr<VersionSet>> Recover(const VersionOptions& options);

  ~VersionSet();
  VersionSet(const VersionSet&) = delete;
  VersionSet& operator=(const VersionSet&) = delete;

  // Steps 3 to 5. Numbers that the edit leaves empty are filled in; lower ones than the current are
  // raised to them. A bad edit is a Corruption (of another comparator: InvalidArgument) and writes
  // nothing. After any error the tree is unchanged and Apply returns that error until Rotate
  // succeeds.
  Status Apply(const VersionEdit& edit);

  // Begins a new manifest with the current state, which also ends the time after an error.
  Status Rotate();

  std::shared_ptr<const Tree> current() const;
  uint64_t NewFileNumber() { return next_file_number_.fetch_add(1, std::memory_order_relaxed); }
  void MarkFileNumberUsed(uint64_t number);

  SequenceNumber last_sequence() const { return last_sequence_; }
  bool sequence_runs_ahead() const { return sequence_runs_ahead_; }
  uint64_t log_number() const { return log_number_; }
  uint64_t manifest_number() const { return manifest_number_; }

 private:
  struct Manifest;

  explicit VersionSet(const VersionOptions& options);

  Status ApplyUnlessFailed(const VersionEdit& edit);
  Status BeginManifest();
  Result<std::shared_ptr<const Tree>> NextTree(const VersionEdit& edit) const;
  void FillNumbers(VersionEdit* edit);
  VersionEdit Snapshot() const;

  const VersionOptions options_;
  const InternalKeyComparator cmp_;
  std::atomic<uint64_t> next_file_number_{1};
  SequenceNumber last_sequence_ = 0;
  bool sequence_runs_ahead_ = false;
  uint64_t log_number_ = 0;
  uint64_t manifest_number_ = 0;        // the one that CURRENT is known to name
  std::unique_ptr<Manifest> manifest_;  // null until this VersionSet has begun one
  Status error_;  // of the first failed Apply or Rotate since the last good Rotate

  mutable Mutex mu_;
  std::shared_ptr<const Tree> current_;  // guarded by mu_
};

}  // namespace lsm
