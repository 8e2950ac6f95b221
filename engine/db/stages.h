// The stage mix of this build: every stage's entry header, checked against its contract. A stage
// that lacks a member fails here, in one line that names the concept.
#pragma once

#include <stage/bloom/bloom.h>
#include <stage/compaction/compaction.h>
#include <stage/iterator/merging_iterator.h>
#include <stage/iterator/visible_iterator.h>
#include <stage/memtable/memtable.h>
#include <stage/sstable/block.h>
#include <stage/sstable/table.h>
#include <stage/version/version_set.h>
#include <stage/wal/wal.h>

#include "contract/bloom/concept.h"
#include "contract/compaction/concept.h"
#include "contract/iterator/concept.h"
#include "contract/memtable/concept.h"
#include "contract/sstable/concept.h"
#include "contract/version/concept.h"
#include "contract/wal/concept.h"

namespace lsm {

static_assert(LogWriterStage<LogWriter>);
static_assert(LogReaderStage<LogReader>);
static_assert(MemTableStage<MemTable>);
static_assert(BloomStage<Bloom>);
static_assert(BlockBuilderStage<BlockBuilder>);
static_assert(BlockStage<Block>);
static_assert(TableBuilderStage<TableBuilder>);
static_assert(TableStage<Table>);
static_assert(MergingIteratorStage<MergingIterator<MemTable::Iterator>, MemTable::Iterator>);
static_assert(VisibleIteratorStage<VisibleIterator<MemTable::Iterator>, MemTable::Iterator>);
static_assert(CompactionPickerStage<CompactionPicker>);
static_assert(BottomTestStage<BottomTest>);
static_assert(SurvivalRuleStage<SurvivalRule>);
static_assert(VersionSetStage<VersionSet>);

}  // namespace lsm
