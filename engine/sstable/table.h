// Table: reads one table file. Format: docs/formats/sstable.md.
//
// Index and filter are in memory while the table is open (views of the mapping, for mapped files).
// A data block comes from one of three places:
//   mapped, uncompressed   a view of the mapping, never a copy and never the cache;
//   with options.cache     the cache, which holds checked and uncompressed blocks;
//   otherwise              the file, read again at each use.
// Checksums: read blocks are verified when they are read. For views one bit a block says that it
// was verified since Open; it is set after the check, so that two readers may both check, but none
// skips.
//
// TableCounters: blocks_read counts every block that is taken from the file or the mapping; cache
// hits and misses count data blocks that are looked up in the cache.
//
// Mapped files: a page that cannot be read shows as zeros, so MappingStatus is asked before an
// answer is returned; an iterator asks when it leaves a block and in status().
//
// A Table is thread-safe and immutable, but for the bits. Iterators belong to one thread each.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <stage/sstable/block.h>
#include <stage/sstable/table_builder.h>
#include <stage/sstable/table_file.h>

#include "contract/sstable/concept.h"

namespace lsm {

class Table {
 public:
  class Iterator;

  // Corruption for a file that is no table; the file's own error if it cannot be read.
  static Result<std::unique_ptr<Table>> Open(const TableOptions& options,
                                             std::unique_ptr<RandomAccessFile> file);

  // False only if no entry has a user key with this Bloom::Hash. True without a filter.
  bool MayContain(uint64_t hash) const;
  // The newest version at or below the lookup's sequence. Does not ask the filter. `value` may be
  // null.
  Status Get(const LookupKey& key, std::string* value, LookupState* state) const;
  // S-FACTS.
  Result<std::string> ReadFacts() const;
  uint64_t ApproximateOffset(std::string_view internal_key) const;
  // Reads all blocks afresh, past cache and bits, whatever options.verify_checksums says.
  Status VerifyChecksums() const;

 private:
  Table(const TableOptions& options, std::unique_ptr<RandomAccessFile> file)
      : file_(options, std::move(file)) {}

  const InternalKeyComparator* comparator() const { return &file_.options().comparator; }
  Status ReadIndexAndFilter();
  // Sets filter_handle_ and has_filter_; FindFacts, facts_handle_.
  Status FindFilter(const BlockContents& metaindex);
  Status FindFacts(const BlockContents& metaindex);
  // The contents of the data block that a valid position of the index points to.
  Status LoadBlock(const Block::Iterator& index, bool fill_cache, BlockContents* contents) const;
  // Mapped files. Leaves *contents without bytes if the block is compressed.
  Status LoadView(size_t index_entry, const table_format::BlockHandle& handle,
                  BlockContents* contents) const;
  Status LoadCached(const table_format::BlockHandle& handle, bool fill_cache,
                    BlockContents* contents) const;
  // Whether what an iterator said about the block, an end included, can be relied on.
  Status BlockStatus(const Block::Iterator& it, const BlockContents& contents) const;

  TableFile file_;
  table_format::Footer footer_;
  table_format::BlockHandle filter_handle_;
  std::optional<table_format::BlockHandle> facts_handle_;
  bool has_filter_ = false;  // of the name of this build's Bloom
  BlockContents filter_;
  BlockContents index_contents_;
  Block index_;
  // Bits by the position of the block's entry in the index.
  std::unique_ptr<std::atomic<uint64_t>[]> verified_;
};

// Two levels: a position in the index and one in the data block it points to.
//
// Invariant: while Valid(), data_ stands on the entry and index_ on the entry of its block. An
// error ends the iteration, status() then is that error, and the next seek starts anew.
class Table::Iterator {
 public:
  Iterator(const Table* table, bool fill_cache)
      : table_(table),
        fill_cache_(fill_cache),
        index_(table->comparator(), table->index_),
        data_(table->comparator(), Block()) {}

  bool Valid() const { return data_.Valid(); }
  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view target);
  void Next() {
    data_.Next();
    if (!data_.Valid()) GoForward();
  }
  void Prev() {
    data_.Prev();
    if (!data_.Valid()) GoBackward();
  }
  std::string_view key() const { return data_.key(); }
  std::string_view value() const { return data_.value(); }
  // Also vouches for the entries returned so far from a mapped file.
  Status status() const;

 private:
  bool Load();  // the block at index_'s position; false at the index's end and on errors
  void Unload();
  bool LeaveBlock();  // false if the block was left because of an error
  void GoForward();   // from an exhausted block to the next entry
  void GoBackward();

  const Table* table_;
  bool fill_cache_;
  Block::Iterator index_;
  Block::Iterator data_;
  BlockContents contents_;
  bool loaded_ = false;
  size_t loaded_entry_ = 0;  // EntryOffset of index_ for the loaded block
  Status status_;
};

static_assert(TableStage<Table>);

}  // namespace lsm
