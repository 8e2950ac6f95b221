#include <fmt/format.h>
#include <stage/sstable/table_file.h>

#include <utility>

#include "format/codec.h"

namespace lsm {

using table_format::BlockHandle;
using table_format::Footer;
using table_format::kFooterBytes;
using table_format::kTrailerBytes;

Status TableFile::ReadFooter(Footer* footer) const {
  if (size_ < kFooterBytes) return FooterDamage("the file is shorter than a footer");
  char scratch[kFooterBytes];
  LSM_ASSIGN_OR_RETURN(const std::string_view bytes,
                       file_->Read(size_ - kFooterBytes, kFooterBytes, scratch));
  if (!footer->Decode(bytes)) return FooterDamage("no table, or a damaged one");
  const uint64_t limit = size_ - kFooterBytes;
  if (!footer->metaindex.FitsIn(limit) || !footer->index.FitsIn(limit)) {
    return FooterDamage("a block handle points behind the end of the file");
  }
  // The footer has no checksum. The index is the last block: that catches a damaged handle.
  if (footer->index.End() != limit) return FooterDamage("the index does not end at the footer");
  return MappingStatus();
}

Status TableFile::DecodeHandle(std::string_view encoded, uint64_t holder,
                               BlockHandle* handle) const {
  if (!handle->TakeFrom(&encoded)) return Damage(holder, "damaged block handle");
  if (!handle->FitsIn(size_ - kFooterBytes)) {
    return Damage(holder, "a block handle points behind the end of the file");
  }
  return Status::Ok();
}

Result<std::string_view> TableFile::ReadStored(const BlockHandle& handle,
                                               std::string* scratch) const {
  const size_t n = handle.size + kTrailerBytes;
  char* buffer = nullptr;
  if (!mapped_) {
    scratch->resize(n);
    buffer = scratch->data();
  }
  LSM_ASSIGN_OR_RETURN(const std::string_view stored, file_->Read(handle.offset, n, buffer));
  if (stored.size() != n) {
    return Damage(handle.offset, fmt::format("truncated to {} of {} bytes", stored.size(), n));
  }
  return stored;
}

void TableFile::CountRead(const BlockHandle& handle) const {
  TableCounters* const counters = options_.counters;
  if (counters == nullptr) return;
  counters->blocks_read.fetch_add(1, std::memory_order_relaxed);
  counters->block_bytes_read.fetch_add(handle.size + kTrailerBytes, std::memory_order_relaxed);
}

Status TableFile::VerifyStored(const BlockHandle& handle, std::string_view stored) const {
  if (table_format::ChecksumMatches(stored)) return Status::Ok();
  return Damage(handle.offset, "checksum mismatch");
}

Status TableFile::ReadBlock(const BlockHandle& handle, bool verify, BlockContents* contents) const {
  std::string scratch;
  LSM_ASSIGN_OR_RETURN(std::string_view stored, ReadStored(handle, &scratch));
  CountRead(handle);
  if (verify) LSM_RETURN_IF_ERROR(VerifyStored(handle, stored));
  const auto codec = static_cast<Compression>(stored[handle.size]);
  if (!IsCodec(codec)) return Damage(handle.offset, "unknown " + CodecName(codec));
  stored.remove_suffix(kTrailerBytes);
  if (codec == Compression::kNone && mapped_) {
    *contents = {stored, nullptr, handle.offset};
    return Status::Ok();
  }
  std::string bytes;
  if (codec == Compression::kNone && stored.data() == scratch.data()) {
    bytes = std::move(scratch);
    bytes.resize(handle.size);
  } else if (const Status s = Uncompress(codec, stored, &bytes); !s.ok()) {
    if (s.IsCorruption()) return Damage(handle.offset, s.message());
    return Status(s.code(), fmt::format("{}: block at offset {}: {}", options_.file_name,
                                        handle.offset, s.message()));
  }
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  *contents = {*owner, owner, handle.offset};
  return Status::Ok();
}

Status TableFile::Damage(uint64_t offset, std::string_view reason) const {
  LSM_RETURN_IF_ERROR(MappingStatus());
  return Status::Corruption(
      fmt::format("{}: block at offset {}: {}", options_.file_name, offset, reason));
}

Status TableFile::FooterDamage(std::string_view reason) const {
  LSM_RETURN_IF_ERROR(MappingStatus());
  return Status::Corruption(fmt::format("{}: footer at offset {}: {}", options_.file_name,
                                        size_ < kFooterBytes ? 0 : size_ - kFooterBytes, reason));
}

}  // namespace lsm
