// Table, the second way: the builder lays the whole table out in memory and writes it with one
// append in Finish; the reader decodes the index once into a list, and each block that it needs
// into another. No block is remembered but by the cache, and every read is verified. Format:
// docs/formats/sstable.md. Thread-safety and semantics: contract/sstable/concept.h.
#pragma once

#include <stage/bloom/bloom.h>
#include <stage/sstable/block.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "base/crc32c.h"
#include "contract/bloom/concept.h"
#include "contract/sstable/concept.h"
#include "format/codec.h"

namespace lsm {

inline constexpr uint64_t kTableMagic = 0xdb4775248b80fb57;
inline constexpr size_t kTableFooterBytes = 48;
inline constexpr size_t kBlockTrailerBytes = 5;

struct BlockHandle {
  uint64_t offset = 0, size = 0;

  std::string Encode() const {
    std::string bytes;
    PutVarint64(&bytes, offset);
    PutVarint64(&bytes, size);
    return bytes;
  }
};

class TableBuilder {
 public:
  TableBuilder(const TableOptions& options, WritableFile* file)
      : options_(options),
        file_(file),
        data_(&options_.comparator, options_.restart_interval),
        index_(&options_.comparator, 1) {}

  Status Add(std::string_view key, std::string_view value) {
    if (data_.empty() && entries_ > 0) {
      std::string separator = last_key_;
      options_.comparator.FindShortestSeparator(&separator, key);
      index_.Add(separator, last_block_.Encode());
    }
    const uint64_t hash = Bloom::Hash(ExtractUserKey(key));
    if (hashes_.empty() || hashes_.back() != hash) hashes_.push_back(hash);
    last_key_.assign(key);
    ++entries_;
    data_.Add(key, value);
    if (data_.SizeEstimate() >= options_.block_bytes) FinishDataBlock();
    return Status::Ok();
  }

  Status Finish() {
    if (!data_.empty()) FinishDataBlock();
    if (entries_ > 0) {
      options_.comparator.FindShortSuccessor(&last_key_);
      index_.Add(last_key_, last_block_.Encode());
    }
    BlockBuilder metaindex(nullptr, 1);
    if (!facts_.empty()) {
      metaindex.Add("lsm.facts", AppendBlock(facts_, Compression::kNone).Encode());
    }
    if (options_.bits_per_key > 0) {
      std::string filter;
      Bloom::Build(hashes_, options_.bits_per_key, &filter);
      metaindex.Add("lsm.filter." + std::string(Bloom::Name()),
                    AppendBlock(filter, Compression::kNone).Encode());
    }
    std::string footer = AppendBlock(metaindex.Finish(), Compression::kNone).Encode();
    footer += AppendBlock(index_.Finish(), Compression::kNone).Encode();
    footer.resize(kTableFooterBytes - sizeof(kTableMagic));
    PutFixed64(&footer, kTableMagic);
    bytes_ += footer;
    return file_->Append(bytes_);
  }

  void SetFacts(std::string_view facts) { facts_.assign(facts); }

  uint64_t FileBytes() const { return bytes_.size(); }
  uint64_t Entries() const { return entries_; }

 private:
  void FinishDataBlock() {
    last_block_ = AppendBlock(data_.Finish(), options_.compression);
    data_.Reset();
  }
  BlockHandle AppendBlock(std::string_view contents, Compression codec) {
    std::string compressed;
    if (codec != Compression::kNone && Compress(codec, contents, &compressed)) {
      contents = compressed;
    } else {
      codec = Compression::kNone;
    }
    const BlockHandle handle{bytes_.size(), contents.size()};
    bytes_.append(contents).push_back(static_cast<char>(codec));
    const std::string_view covered = std::string_view(bytes_).substr(handle.offset);
    PutFixed32(&bytes_, crc32c::Mask(crc32c::Value(covered)));
    return handle;
  }

  const TableOptions options_;
  WritableFile* const file_;
  BlockBuilder data_, index_;
  std::string bytes_, last_key_;
  BlockHandle last_block_;
  std::vector<uint64_t> hashes_;
  std::string facts_;
  uint64_t entries_ = 0;
};

class Table {
 public:
  class Iterator;

  static Result<std::unique_ptr<Table>> Open(const TableOptions& options,
                                             std::unique_ptr<RandomAccessFile> file) {
    std::unique_ptr<Table> table(new Table(options, std::move(file)));
    LSM_RETURN_IF_ERROR(table->ReadIndexAndFilter());
    return table;
  }

  bool MayContain(uint64_t hash) const { return !filter_ || Bloom::MayMatch(hash, *filter_); }

  Status Get(const LookupKey& key, std::string* value, LookupState* state) const {
    *state = LookupState::kAbsent;
    const size_t block = FindBlock(key.internal_key());
    if (block == index_.size()) return Status::Ok();
    LSM_ASSIGN_OR_RETURN(const BlockBytes bytes, LoadBlock(block, true));
    Block::Iterator it(&options_.comparator, Block(*bytes));
    it.Seek(key.internal_key());
    if (!it.Valid()) return it.status().ok() ? Status::Ok() : Damage(index_[block].handle, "");
    ParsedInternalKey found;
    if (!ParseInternalKey(it.key(), &found)) return Damage(index_[block].handle, "bad type");
    if (options_.comparator.CompareUserKeys(found.user_key, key.user_key()) != 0) {
      return Status::Ok();
    }
    *state = found.type == ValueType::kValue ? LookupState::kFound : LookupState::kDeleted;
    if (*state == LookupState::kFound && value != nullptr) value->assign(it.value());
    return Status::Ok();
  }

  uint64_t ApproximateOffset(std::string_view internal_key) const {
    const size_t block = FindBlock(internal_key);
    return block < index_.size() ? index_[block].handle.offset : metaindex_.offset;
  }

  Result<std::string> ReadFacts() const {
    if (!facts_handle_) return std::string();
    return ReadBlock(*facts_handle_, Verify());
  }

  Status VerifyChecksums() const {
    std::vector<BlockHandle> handles = {metaindex_, index_handle_};
    if (filter_) handles.push_back(filter_handle_);
    if (facts_handle_) handles.push_back(*facts_handle_);
    for (const IndexEntry& entry : index_) handles.push_back(entry.handle);
    for (const BlockHandle& handle : handles) {
      LSM_RETURN_IF_ERROR(ReadBlock(handle, /*verify=*/true).status());
    }
    return Status::Ok();
  }

 private:
  struct IndexEntry {
    std::string key;
    BlockHandle handle;
  };

  Table(const TableOptions& options, std::unique_ptr<RandomAccessFile> file)
      : options_(options), file_(std::move(file)) {}

  Status ReadIndexAndFilter() {
    LSM_RETURN_IF_ERROR(ReadFooter());
    LSM_ASSIGN_OR_RETURN(const std::string index, ReadBlock(index_handle_, Verify()));
    Block::Iterator it(&options_.comparator, Block(index));
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
      IndexEntry entry{std::string(it.key()), {}};
      if (!DecodeHandle(it.value(), &entry.handle)) return Damage(index_handle_, "bad handle");
      index_.push_back(std::move(entry));
    }
    if (!it.status().ok()) return Damage(index_handle_, it.status().message());

    LSM_ASSIGN_OR_RETURN(const std::string metaindex, ReadBlock(metaindex_, Verify()));
    Block::Iterator meta(nullptr, Block(metaindex));
    meta.Seek("lsm.facts");
    if (meta.Valid() && meta.key() == "lsm.facts" &&
        !DecodeHandle(meta.value(), &facts_handle_.emplace())) {
      return Damage(metaindex_, "bad handle");
    }
    const std::string name = "lsm.filter." + std::string(Bloom::Name());
    meta.Seek(name);
    if (!meta.status().ok()) return Damage(metaindex_, meta.status().message());
    if (!meta.Valid() || meta.key() != name) return Status::Ok();
    if (!DecodeHandle(meta.value(), &filter_handle_)) return Damage(metaindex_, "bad handle");
    LSM_ASSIGN_OR_RETURN(filter_, ReadBlock(filter_handle_, Verify()));
    return Status::Ok();
  }

  Status ReadFooter() {
    const uint64_t size = file_->Size();
    const BlockHandle footer{size - std::min<uint64_t>(size, kTableFooterBytes), 0};
    if (size < kTableFooterBytes) return Damage(footer, "no footer");
    char scratch[kTableFooterBytes];
    LSM_ASSIGN_OR_RETURN(const std::string_view bytes,
                         file_->Read(footer.offset, kTableFooterBytes, scratch));
    LSM_RETURN_IF_ERROR(file_->MappingStatus());
    if (bytes.size() != kTableFooterBytes ||
        DecodeFixed64(bytes.data() + kTableFooterBytes - 8) != kTableMagic) {
      return Damage(footer, "no table");
    }
    std::string_view rest = bytes;
    if (!DecodeHandle(rest, &metaindex_)) return Damage(footer, "bad handle");
    rest.remove_prefix(metaindex_.Encode().size());
    if (!DecodeHandle(rest, &index_handle_)) return Damage(footer, "bad handle");
    return Status::Ok();
  }

  // False if it is cut off, or if its block does not lie before the footer.
  bool DecodeHandle(std::string_view bytes, BlockHandle* handle) const {
    const uint64_t limit = file_->Size() - kTableFooterBytes;
    return GetVarint64(&bytes, &handle->offset) && GetVarint64(&bytes, &handle->size) &&
           handle->offset <= limit && handle->size <= limit - handle->offset &&
           kBlockTrailerBytes <= limit - handle->offset - handle->size;
  }

  // Checked and uncompressed.
  Result<std::string> ReadBlock(const BlockHandle& handle, bool verify) const {
    const size_t n = handle.size + kBlockTrailerBytes;
    std::string scratch(file_->IsMapped() ? 0 : n, '\0');
    LSM_ASSIGN_OR_RETURN(const std::string_view stored,
                         file_->Read(handle.offset, n, scratch.data()));
    if (stored.size() != n) return Damage(handle, "truncated");
    if (options_.counters != nullptr) {
      ++options_.counters->blocks_read;
      options_.counters->block_bytes_read += n;
    }
    const std::string_view covered = stored.substr(0, handle.size + 1);
    if (verify &&
        DecodeFixed32(stored.data() + covered.size()) != crc32c::Mask(crc32c::Value(covered))) {
      return Damage(handle, "checksum mismatch");
    }
    std::string contents;
    const auto codec = static_cast<Compression>(covered.back());
    const Status s = Uncompress(codec, covered.substr(0, handle.size), &contents);
    if (!s.ok() && (s.IsCorruption() || !IsCodec(codec))) return Damage(handle, s.message());
    if (!s.ok()) return Status(s.code(), At(handle, s.message()));
    LSM_RETURN_IF_ERROR(file_->MappingStatus());
    return contents;
  }

  // The data block of an index entry, by way of the cache unless the file is mapped.
  Result<BlockBytes> LoadBlock(size_t block, bool fill_cache) const {
    const BlockHandle& handle = index_[block].handle;
    BlockCache* const cache = file_->IsMapped() ? nullptr : options_.cache;
    BlockBytes bytes;
    if (cache != nullptr) bytes = cache->Lookup(options_.file_number, handle.offset);
    if (cache != nullptr && options_.counters != nullptr) {
      ++(bytes ? options_.counters->cache_hits : options_.counters->cache_misses);
    }
    if (bytes) return bytes;
    LSM_ASSIGN_OR_RETURN(std::string contents, ReadBlock(handle, Verify()));
    bytes = std::make_shared<const std::string>(std::move(contents));
    if (cache != nullptr && fill_cache) cache->Insert(options_.file_number, handle.offset, bytes);
    return bytes;
  }

  // The first block whose entries may be >= internal_key.
  size_t FindBlock(std::string_view internal_key) const {
    const auto found = std::lower_bound(index_.begin(), index_.end(), internal_key,
                                        [this](const IndexEntry& entry, std::string_view target) {
                                          return options_.comparator.Compare(entry.key, target) < 0;
                                        });
    return static_cast<size_t>(found - index_.begin());
  }

  bool Verify() const { return options_.verify_checksums; }
  Status Damage(const BlockHandle& handle, std::string_view reason) const {
    LSM_RETURN_IF_ERROR(file_->MappingStatus());
    return Status::Corruption(At(handle, reason));
  }
  std::string At(const BlockHandle& handle, std::string_view reason) const {
    return options_.file_name + ": block at offset " + std::to_string(handle.offset) + ": " +
           std::string(reason);
  }

  const TableOptions options_;
  const std::unique_ptr<RandomAccessFile> file_;
  BlockHandle metaindex_, index_handle_, filter_handle_;
  std::optional<BlockHandle> facts_handle_;
  std::vector<IndexEntry> index_;
  std::optional<std::string> filter_;
};

// Stands in block block_ of the index, or, when entries_ is empty, nowhere.
class Table::Iterator {
 public:
  Iterator(const Table* table, bool fill_cache) : table_(table), fill_cache_(fill_cache) {}

  bool Valid() const { return entries_ && entries_->Valid(); }
  void SeekToFirst() {
    if (Load(0)) entries_->SeekToFirst();
    GoForward();
  }
  void SeekToLast() {
    if (Load(table_->index_.size() - 1)) entries_->SeekToLast();
    GoBackward();
  }
  void Seek(std::string_view target) {
    if (Load(table_->FindBlock(target))) entries_->Seek(target);
    GoForward();
  }
  void Next() {
    entries_->Next();
    GoForward();
  }
  void Prev() {
    entries_->Prev();
    GoBackward();
  }
  std::string_view key() const { return entries_->key(); }
  std::string_view value() const { return entries_->value(); }
  const Status& status() const { return status_; }

 private:
  // False behind the last block, before the first one (its number wraps), and on errors.
  bool Load(size_t block) {
    entries_.reset();
    status_ = Status::Ok();
    if (block >= table_->index_.size()) return false;
    block_ = block;
    auto bytes = table_->LoadBlock(block, fill_cache_);
    status_ = bytes.status();
    if (!status_.ok()) return false;
    bytes_ = std::move(*bytes);
    entries_.emplace(&table_->options_.comparator, Block(*bytes_));
    if (entries_->status().ok()) return true;
    status_ = table_->Damage(table_->index_[block].handle, entries_->status().message());
    entries_.reset();
    return false;
  }
  void GoForward() {
    while (entries_ && !entries_->Valid()) {
      if (Load(block_ + 1)) entries_->SeekToFirst();
    }
  }
  void GoBackward() {
    while (entries_ && !entries_->Valid()) {
      if (Load(block_ - 1)) entries_->SeekToLast();
    }
  }

  const Table* table_;
  bool fill_cache_;
  size_t block_ = 0;
  BlockBytes bytes_;
  std::optional<Block::Iterator> entries_;
  Status status_;
};

static_assert(BlockBuilderStage<BlockBuilder> && BlockStage<Block>);
static_assert(TableBuilderStage<TableBuilder> && TableStage<Table>);
static_assert(BloomStage<Bloom>);

}  // namespace lsm
