// Stage 6, compaction: which tables to merge (a pure function of the tree), and which versions
// survive. A stage provides, in namespace lsm, <stage/compaction/compaction.h> with
// CompactionPicker, BottomTest, SurvivalRule and the function template MergeTables.
//
// A *place* in the tree is a level and a run in it; a deeper level, or in one level a run of lower
// number, is an older place. The outputs' place is (output_level, output_run).
//
// CompactionPicker(options, comparator): pure; same tree, same job.
//   K-SCORE   Score(tree, level): >= 1 means that a compaction of the level is due.
//   K-PICK    Pick(tree, busy, now_us): the job of the highest score >= 1 none of whose files is
//             busy; none if there is no such job. A level offers one job. What the time `now_us`
//             makes due goes first.
//   K-TIME    NextDue(tree, now_us): the first time after now_us at which time alone makes a pick
//             of the same tree due; UINT64_MAX for never.
//   K-SOUND   A table that is no input meets no input's user keys if its place is the input's, or
//             is older and newer than the outputs'; and if its place is the outputs', it does not
//             meet the inputs' whole key range. So no version of a key passes by an older one, and
//             no two tables of a run overlap. Inputs stand newest first.
//   K-SPLIT   In particular: if versions of one user key stand in several tables of a run, all are
//             inputs or none.
//   K-MOVE    trivial_move only if no two inputs meet in a user key, and there are not too many
//             grandparents.
//   K-RANGE   PickRange(tree, level, output_level, begin, end, busy): the job for all tables of
//             `level` that meet the user keys [begin, end] (null data(): open), and what K-SOUND
//             asks for, into the oldest run of output_level: the next level with what they meet
//             there, or `level` itself. None if there are none, if one is busy, if there is no
//             such level, or if all stand in one run of output_level already. Under any policy. It
//             leaves compact_pointer empty.
//   K-AGE     With tombstone_age_max_us a table whose oldest tombstone was flushed longer ago goes
//             before all others (not under fifo): down from level 0 and while anything older stands
//             below, then into the older runs of its level, at last rewritten in its place
//             (at_bottom).
//   K-POLICY  Supports(policy) is true for at least kLeveled. What each policy asks for, in
//             numbers: docs/policies.md, and drawn: pickers/.
//   leveled:
//   K-SCORE   Level 0: runs / l0_trigger. Deeper: the number of runs if there are several, else
//             bytes / target(level), and 0 in the last level.
//   K-PICK    A level of one run, and level 0: the next table in its round, into the next level. A
//             level of several: a table of the newest run, into the oldest run of the same level.
//   K-ROUND   Successive picks of a level go round its key range, by compact_pointers.
//   fifo:
//   K-FIFO    Score is 0. Tables of the oldest run alone go (job.expired), while all together hold
//             more than fifo_bytes_max the lowest number first, and those whose newest update was
//             flushed ttl_us ago; one of unknown age, or of the future, does not go for its age.
//   K-BUSY    Jobs that share no table, and of which those with the same output level have disjoint
//             key ranges (from the first to the last user key of all inputs, gaps included), may
//             run side by side: installed in any order they leave a valid tree and the same
//             answers. RunningJobs (running_jobs.h) holds the rule.
// BottomTest(tree, job, comparator): called with ascending user keys. The tree must outlive it.
//   K-BOTTOM  true only if no table that is no input, in an older place than the outputs', may hold
//             the key.
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
             CompactionPolicy policy, uint64_t now_us) {
  { P::Supports(policy) } -> std::same_as<bool>;
  { p.Score(tree, level) } -> std::same_as<double>;
  { p.Pick(tree, busy, now_us) } -> std::same_as<std::optional<CompactionJob>>;
  { p.NextDue(tree, now_us) } -> std::same_as<uint64_t>;
  { p.PickRange(tree, level, level, key, key, busy) } -> std::same_as<std::optional<CompactionJob>>;
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
