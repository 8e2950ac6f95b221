// TableFile: a table's file and how its blocks are read, checked and uncompressed. The one place
// that turns bytes of the file into a message about damage. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <stage/sstable/table_format.h>

#include "contract/sstable/concept.h"
#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

// Uncompressed contents of a block, and what keeps them alive: null for a view of the mapping.
struct BlockContents {
  std::string_view bytes;
  BlockBytes owner;
  uint64_t offset = 0;  // of the block in the file, for messages
};

class TableFile {
 public:
  TableFile(const TableOptions& options, std::unique_ptr<RandomAccessFile> file)
      : options_(options),
        file_(std::move(file)),
        size_(file_->Size()),
        mapped_(file_->IsMapped()) {}

  const TableOptions& options() const { return options_; }
  bool mapped() const { return mapped_; }
  // Not OK once bytes of the mapping could not be read: results that rest on them are void.
  Status MappingStatus() const { return mapped_ ? file_->MappingStatus() : Status::Ok(); }

  Status ReadFooter(table_format::Footer* footer) const;
  // Decodes a handle and checks that its block lies before the footer. `holder`, the block that
  // holds the encoded handle, is for the message.
  Status DecodeHandle(std::string_view encoded, uint64_t holder,
                      table_format::BlockHandle* handle) const;

  // The block as it is stored, with its trailer: in *scratch, or in the mapping.
  Result<std::string_view> ReadStored(const table_format::BlockHandle& handle,
                                      std::string* scratch) const;
  Status VerifyStored(const table_format::BlockHandle& handle, std::string_view stored) const;
  void CountRead(const table_format::BlockHandle& handle) const;
  // Reads, counts, verifies as `verify` says, and uncompresses. Mapped and uncompressed: a view.
  Status ReadBlock(const table_format::BlockHandle& handle, bool verify,
                   BlockContents* contents) const;

  // The Corruption "<file>: block at offset <N>: <reason>", or the mapping's error that explains
  // it.
  Status Damage(uint64_t offset, std::string_view reason) const;

 private:
  Status FooterDamage(std::string_view reason) const;

  const TableOptions options_;
  const std::unique_ptr<RandomAccessFile> file_;
  const uint64_t size_;
  const bool mapped_;
};

}  // namespace lsm
