// Stage 7, the version set: edits, manifest bytes, the install protocol, recovery of the tree.
// Format: docs/formats/manifest.md (LevelDB's). A stage provides, in namespace lsm,
// <stage/version/version_set.h> with EncodeEdit, DecodeEdit and VersionSet.
//
// EncodeEdit(edit, out), DecodeEdit(bytes, edit):
//   V-CODEC   Decode(Encode(e)) = e. Decoding checks everything: an unknown tag, a level outside
//             [0, kMaxLevels), a truncated field, a malformed internal key, a number that would
//             wrap (edit.h) is a Corruption that says which.
// VersionSet::Create(options, initial): a new database's first manifest and CURRENT.
//   V-CREATE  CURRENT appears only when its manifest holds `initial` whole: a crash leaves no
//   CURRENT,
//             or the database with everything that `initial` adds.
// VersionSet::Recover(options): the state that CURRENT names.
//   V-INSTALL Apply(edit): (1) the edit is appended to the manifest, (2) the manifest is synced,
//             and only then (3) current() is the new tree. The caller has synced the tables and
//             their directory before, and removes obsolete files afterwards.
//             (docs/formats/manifest.md numbers all steps.)
//   V-CURRENT A new manifest is written whole and synced, its directory entry is synced, then
//             CURRENT is replaced: temporary file written, synced, renamed over CURRENT, directory
//             synced. Before the last step manifest_number() stays what it was. The stage removes
//             no file: the caller collects manifests with lower numbers.
//   V-RECOVER Recover writes nothing. What it read may not be durable until an Apply or Rotate has
//             returned OK: before that the caller removes no file at all.
//   V-ERROR   After a failed Apply or Rotate the tree is unchanged and every later Apply fails with
//             the same status until Rotate() has begun a new manifest with the current state.
//             Whether the failed edit is durable is open until then: the caller removes no table
//             and no log.
//   V-TORN    A torn last record is dropped; damage that is followed by whole records is a
//             Corruption.
//   V-OLD     Behind the first record, an edit whose next file number is lower than one before it
//             was written to another manifest, and a write batch to a log: new space may show the
//             bytes of removed files. Such records end the manifest as a torn one does, and are no
//             proof of damage.
//   V-AHEAD   sequence_runs_ahead() tells whether last_sequence may be newer than the newest update
//             in a table, as LevelDB writes it. It is true behind an edit that says so, also in a
//             manifest that was begun since, until an edit names its log number and does not.
//   V-NUMBERS NewFileNumber never repeats a number, also over restarts: none that was given out or
//             marked used before an Apply or Rotate that returned OK. last_sequence and log_number
//             never go back: a lower one in an edit changes nothing.
//   V-CHECK   The recovered tree satisfies CheckTree, and its file numbers are below the next one;
//             the comparator's name must match (InvalidArgument names both). Apply refuses an edit
//             that would break this before anything is written.
//   V-RUNS    A table keeps the number of its run; a table in another run than DefaultRun is
//   written
//             under a tag that LevelDB refuses. Recover gives the only run of a level below 0 the
//             default number (WithDefaultRuns).
//   V-FACTS   What the manifest does not hold of a table stays with it: FileMeta::facts of an added
//             table, and what options.complete fills in for one that Recover found.
//   V-MARK    A table keeps its FileMeta::compression; one other than kNone stands under a tag that
//             LevelDB refuses, in the first record of a manifest too.
//   V-STALE   Edits apply to the newest tree, never to the one of the caller's pick.
// Thread-safety: NewFileNumber, MarkFileNumberUsed and current() at any time from any thread; the
// rest is serialised by the caller.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "contract/version/edit.h"

namespace lsm {

template <class V>
concept VersionSetStage = requires(V v, const V& c, const VersionOptions& options,
                                   const VersionEdit& edit, uint64_t n) {
  { V::Create(options, edit) } -> std::same_as<Result<std::unique_ptr<V>>>;
  { V::Recover(options) } -> std::same_as<Result<std::unique_ptr<V>>>;
  { v.Apply(edit) } -> std::same_as<Status>;
  { v.Rotate() } -> std::same_as<Status>;
  { c.current() } -> std::same_as<std::shared_ptr<const Tree>>;
  { v.NewFileNumber() } -> std::same_as<uint64_t>;
  v.MarkFileNumberUsed(n);                                // seen on disk: never hand it out
  { c.last_sequence() } -> std::same_as<SequenceNumber>;  // as of the last edit
  { c.sequence_runs_ahead() } -> std::same_as<bool>;
  { c.log_number() } -> std::same_as<uint64_t>;
  { c.manifest_number() } -> std::same_as<uint64_t>;
};

}  // namespace lsm
