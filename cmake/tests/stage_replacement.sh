# A mix takes nothing from the reference but what it asks for:
# - a replaced stage that lacks an entry header does not compile, and the message names the header;
# - a stage that lacks members fails where the engine checks the contract, by the concept's name.
source "$(dirname "$0")/common.sh"

stages='wal memtable sstable bloom iterator compaction version'
entries='wal/wal.h memtable/memtable.h sstable/block.h sstable/table.h bloom/bloom.h
  iterator/merging_iterator.h iterator/visible_iterator.h compaction/compaction.h
  version/version_set.h'

# An include root like the one that the build makes, with stage $1 taken from directory $2.
make_mix() {
  local stage
  rm -rf "$SCRATCH/mix"
  mkdir -p "$SCRATCH/mix/stage"
  for stage in $stages; do ln -s "$ROOT/engine/$stage" "$SCRATCH/mix/stage/$stage"; done
  ln -sfn "$2" "$SCRATCH/mix/stage/$1"
}

printf '#include "db/stages.h"\n' >"$SCRATCH/engine.cc"
make_mix wal "$ROOT/engine/wal"
expect "the reference compiles" 0 '' check_syntax "$SCRATCH/mix" "$SCRATCH/engine.cc"

for entry in $entries; do
  stage=${entry%%/*}
  cp -R "$ROOT/engine/$stage" "$SCRATCH/without"
  rm "$SCRATCH/without/${entry#*/}"
  make_mix "$stage" "$SCRATCH/without"
  expect "a mix without $entry" 1 "stage/$entry" check_syntax "$SCRATCH/mix" "$SCRATCH/engine.cc"
  rm -rf "$SCRATCH/without"
done

# lacking STAGE HEADER CONCEPT CODE: the stage's HEADER holds CODE; CONCEPT must be named.
lacking() {
  cp -R "$ROOT/engine/$1" "$SCRATCH/lacking"
  printf '#pragma once\nnamespace lsm { %s }\n' "$4" >"$SCRATCH/lacking/$2"
  make_mix "$1" "$SCRATCH/lacking"
  printf '#include <stage/%s/%s>\n#include "db/stages.h"\n' "$1" "$2" >"$SCRATCH/lacking.cc"
  expect "a stage $1 that lacks members" 1 "static_assert\($3<" \
    check_syntax "$SCRATCH/mix" "$SCRATCH/lacking.cc"
  rm -rf "$SCRATCH/lacking"
}

lacking wal wal.h LogWriterStage 'struct LogWriter {}; struct LogReader {};'
lacking memtable memtable.h MemTableStage 'struct MemTable { struct Iterator {}; };'
lacking bloom bloom.h BloomStage 'struct Bloom {};'
lacking sstable block.h BlockStage 'struct BlockBuilder {}; struct Block { struct Iterator {}; };'
lacking iterator merging_iterator.h MergingIteratorStage \
  'template <class Source> struct MergingIterator {};'
lacking compaction compaction.h CompactionPickerStage \
  'struct CompactionPicker {}; struct BottomTest {}; struct SurvivalRule {};'
lacking version version_set.h VersionSetStage 'struct VersionSet {};'
finish
