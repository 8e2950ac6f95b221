// Stage 6, compaction: which tables to merge (a pure function of the tree), and which versions
// survive. A stage provides, in namespace lsm, <stage/compaction/compaction.h> with
// CompactionPicker, BottomTest, SurvivalRule and the function template MergeTables.
//
// CompactionPicker(options, comparator): pure; same tree, same job.
//   K-SCORE   Score(tree, level): >= 1 means that a compaction of the level is due. Level 0: runs /
//             l0_trigger. Deeper: bytes / target(level); the last level: 0.
//   K-PICK    Pick(tree, busy): the job of the highest score >= 1 none of whose files is busy; none
//             if there is no such job. A level offers one job: the next in its round. Inputs of
//             level 0 hold every table of level 0 that overlaps them, transitively; next_inputs
//             every table of output_level that meets the inputs' whole key range.
//   K-SPLIT   If versions of one user key stand in several tables of a level, all are inputs or
//             none.
//   K-MOVE    trivial_move only if nothing in output_level overlaps (and not too many
//             grandparents).
//   K-ROUND   Successive picks of a level go round its key range, by compact_pointers.
//   K-RANGE   PickRange(tree, level, begin, end, busy): the job for all tables of `level` that meet
//             the user keys [begin, end] (null data(): open), closed as above; none if there are
//             none, if one is busy, or if `level` is the last. It leaves compact_pointer empty.
//   K-POLICY  Supports(policy) is true for at least kLeveled.
// BottomTest(tree, job, comparator): called with ascending user keys. The tree must outlive it.
//   K-BOTTOM  true only if no table of a level deeper than output_level may hold the key.
// SurvivalRule(comparator, snapshots, bottom): asked for each entry in merged order. `snapshots`
//   ascends; its last element is the newest visible sequence.
//   K-NEWEST  For each snapshot the newest version at or below it survives, unless it is a
//             tombstone that may go; every version above the last does. With one snapshot, no other
//             version does.
//   K-TOMB    A tombstone goes only if it is at or below the oldest snapshot and bottom(key).
// MergeTables(input, rule, max_file_bytes, grandparents, comparator, sink, statistics, observer):
//   K-CUT     Outputs are cut at about max_file_bytes, and before they overlap more than ten times
//             that in grandparents, and never between two versions of one user key.
//   K-ERROR   An error of input, sink or observer is returned; nothing is dropped because of it. An
//             unparseable key is a Corruption.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "contract/compaction/job.h"

namespace lsm {

using BusyFiles = std::set<uint64_t>;

template <class P>
concept CompactionPickerStage =
    std::constructible_from<P, const PickerOptions&, const InternalKeyComparator&> &&
    requires(const P& p, const Tree& tree, int level, std::string_view key, const BusyFiles& busy,
             CompactionPolicy policy) {
  { P::Supports(policy) } -> std::same_as<bool>;
  { p.Score(tree, level) } -> std::same_as<double>;
  { p.Pick(tree, busy) } -> std::same_as<std::optional<CompactionJob>>;
  { p.PickRange(tree, level, key, key, busy) } -> std::same_as<std::optional<CompactionJob>>;
};

template <class B>
concept BottomTestStage =
    std::constructible_from<B, const Tree&, const CompactionJob&, const InternalKeyComparator&> &&
    requires(B b, std::string_view user_key) {
  { b(user_key) } -> std::same_as<bool>;
};

template <class R>
concept SurvivalRuleStage =
    std::constructible_from<R, const InternalKeyComparator&, std::vector<SequenceNumber>,
                            std::function<bool(std::string_view)>> &&
    requires(R r, const ParsedInternalKey& key) {
  { r.Judge(key) } -> std::same_as<Survival>;
};

// Where MergeTables puts what survives.
template <class S>
concept MergeSink = requires(S s, std::string_view bytes) {
  { s.Add(bytes, bytes) } -> std::same_as<Status>;  // opens an output if none is open
  { s.Cut() } -> std::same_as<Status>;              // finishes the open output
  { s.OutputBytes() } -> std::same_as<uint64_t>;    // of the open output; 0 without one
};

// Told of each entry that is dropped, and asked from time to time whether to stop (OK: go on).
template <class O>
concept MergeObserver = requires(O o, const ParsedInternalKey& key, Survival survival) {
  o.OnDropped(key, survival);
  { o.Poll() } -> std::same_as<Status>;
};

}  // namespace lsm
