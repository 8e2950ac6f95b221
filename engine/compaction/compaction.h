// Compaction: which tables to merge, and what survives the merge. The stage's entry header;
// contract: engine/contract/compaction/concept.h. Everything here is pure: it neither schedules nor
// touches a file.
//
// A compaction, step by step (1, 3 and 4 are this stage; the rest is its caller's):
//   1. CompactionPicker::Pick chooses a job from the tree: the policy's level that is most due,
//   what
//      it wants merged there, and all that must come along.
//   2. If the job is a trivial move, an edit changes the tables' place, and that is all.
//   3. Otherwise the inputs are merged, newest first. For each entry SurvivalRule::Judge says
//      whether any snapshot still needs it; a tombstone goes only if BottomTest finds nothing
//      below.
//   4. MergeTables adds what survives to the output, and cuts outputs between user keys.
//   5. Each output is finished and synced; then the directory.
//   6. One edit removes the inputs and adds the outputs. Only once it is durable are the inputs'
//      files removed.
//
// Which jobs may run side by side: K-BUSY, contract/compaction/running_jobs.h.
#pragma once

#include <stage/compaction/bottom_test.h>
#include <stage/compaction/compaction_picker.h>
#include <stage/compaction/merge_tables.h>
#include <stage/compaction/survival_rule.h>
