// TableBuilder: writes internal keys in ascending order as one table file. Format:
// docs/formats/sstable.md.
//
// Order of the file: data blocks, filter block (if bits_per_key > 0), metaindex, index, footer. A
// data block's index entry is written when the next block's first key is known, so that its key is
// a short one between the two. The builder appends and nothing else: flushing, syncing and closing
// the file are the caller's. After an error every call returns that error. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stage/sstable/block.h>
#include <stage/sstable/table_format.h>

#include "contract/sstable/concept.h"
#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

class TableBuilder {
 public:
  // `file` is empty and outlives the builder.
  TableBuilder(const TableOptions& options, WritableFile* file);
  TableBuilder(const TableBuilder&) = delete;
  TableBuilder& operator=(const TableBuilder&) = delete;

  // Keys ascend strictly in the order of options.comparator.
  Status Add(std::string_view key, std::string_view value);
  // S-FACTS.
  void SetFacts(std::string_view facts) { facts_.assign(facts); }
  // Once; no Add after it. A table without entries is legal.
  Status Finish();
  // Bytes handed to the file so far; behind Finish, its size.
  uint64_t FileBytes() const { return offset_; }
  uint64_t Entries() const { return entries_; }

 private:
  void CollectFilterHash(std::string_view user_key);
  Status FinishDataBlock();
  void AddIndexEntry(std::string_view key);
  Status WriteMetaindex(table_format::BlockHandle* handle);
  Status WriteBlock(std::string_view contents, Compression codec,
                    table_format::BlockHandle* handle);
  Status Append(std::string_view bytes);

  const TableOptions options_;
  WritableFile* const file_;
  Status status_;
  uint64_t offset_ = 0;
  uint64_t entries_ = 0;

  BlockBuilder data_;
  BlockBuilder index_;
  std::string last_key_;
  bool index_entry_pending_ = false;  // the last data block is written, its index entry is not
  table_format::BlockHandle last_block_;
  std::vector<uint64_t> filter_hashes_;  // one a distinct user key
  std::string facts_;                    // empty: no block for them
  std::string compressed_;               // kept for its memory
};

static_assert(TableBuilderStage<TableBuilder>);

}  // namespace lsm
