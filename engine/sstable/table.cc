#include <stage/bloom/bloom.h>
#include <stage/sstable/table.h>

#include <utility>

namespace lsm {

using table_format::BlockHandle;

namespace {
// An index entry takes at least 5 bytes (three lengths, two numbers of a handle), so that no two
// begin in the same 4 bytes, whatever the restart interval.
constexpr size_t kIndexBytesPerBit = 4;
constexpr size_t kBitsPerWord = 64;
}  // namespace

Result<std::unique_ptr<Table>> Table::Open(const TableOptions& options,
                                           std::unique_ptr<RandomAccessFile> file) {
  std::unique_ptr<Table> table(new Table(options, std::move(file)));
  LSM_RETURN_IF_ERROR(table->ReadIndexAndFilter());
  return table;
}

Status Table::ReadIndexAndFilter() {
  const bool verify = file_.options().verify_checksums;
  LSM_RETURN_IF_ERROR(file_.ReadFooter(&footer_));
  LSM_RETURN_IF_ERROR(file_.ReadBlock(footer_.index, verify, &index_contents_));
  index_ = Block(index_contents_.bytes);
  const size_t bits = index_contents_.bytes.size() / kIndexBytesPerBit + 1;
  verified_ = std::make_unique<std::atomic<uint64_t>[]>(bits / kBitsPerWord + 1);

  BlockContents metaindex;
  LSM_RETURN_IF_ERROR(file_.ReadBlock(footer_.metaindex, verify, &metaindex));
  LSM_RETURN_IF_ERROR(FindFilter(metaindex));
  LSM_RETURN_IF_ERROR(FindFacts(metaindex));
  if (has_filter_) LSM_RETURN_IF_ERROR(file_.ReadBlock(filter_handle_, verify, &filter_));
  return file_.MappingStatus();
}

Status Table::FindFilter(const BlockContents& metaindex) {
  std::string name(table_format::kFilterPrefix);
  name.append(Bloom::Name());
  Block::Iterator it(nullptr, Block(metaindex.bytes));
  it.Seek(name);
  if (!it.Valid()) return BlockStatus(it, metaindex);
  if (it.key() != name) return Status::Ok();
  has_filter_ = true;
  return file_.DecodeHandle(it.value(), metaindex.offset, &filter_handle_);
}

Status Table::FindFacts(const BlockContents& metaindex) {
  Block::Iterator it(nullptr, Block(metaindex.bytes));
  it.Seek(table_format::kFactsName);
  if (!it.Valid()) return BlockStatus(it, metaindex);
  if (it.key() != table_format::kFactsName) return Status::Ok();
  return file_.DecodeHandle(it.value(), metaindex.offset, &facts_handle_.emplace());
}

Result<std::string> Table::ReadFacts() const {
  if (!facts_handle_.has_value()) return std::string();
  BlockContents facts;
  LSM_RETURN_IF_ERROR(file_.ReadBlock(*facts_handle_, file_.options().verify_checksums, &facts));
  std::string bytes(facts.bytes);
  LSM_RETURN_IF_ERROR(file_.MappingStatus());
  return bytes;
}

bool Table::MayContain(uint64_t hash) const {
  if (!has_filter_ || Bloom::MayMatch(hash, filter_.bytes)) return true;
  // A filter on a page that could not be read proves nothing: Get is to meet the error.
  return !file_.MappingStatus().ok();
}

Status Table::Get(const LookupKey& key, std::string* value, LookupState* state) const {
  *state = LookupState::kAbsent;
  Block::Iterator index(comparator(), index_);
  index.Seek(key.internal_key());
  if (!index.Valid()) return BlockStatus(index, index_contents_);
  BlockContents contents;
  LSM_RETURN_IF_ERROR(LoadBlock(index, /*fill_cache=*/true, &contents));

  // An index key sorts before the first key of the next block, so the entry looked for is in this
  // block or nowhere, also when the versions of a key span blocks.
  Block::Iterator entry(comparator(), Block(contents.bytes));
  entry.Seek(key.internal_key());
  LookupState found = LookupState::kAbsent;
  if (entry.Valid()) {
    ParsedInternalKey parsed;
    if (!ParseInternalKey(entry.key(), &parsed)) {
      return file_.Damage(contents.offset, "an entry of unknown type");
    }
    if (comparator()->CompareUserKeys(parsed.user_key, key.user_key()) == 0) {
      found = parsed.type == ValueType::kValue ? LookupState::kFound : LookupState::kDeleted;
      if (found == LookupState::kFound && value != nullptr) value->assign(entry.value());
    }
  }
  LSM_RETURN_IF_ERROR(BlockStatus(entry, contents));
  *state = found;
  return Status::Ok();
}

uint64_t Table::ApproximateOffset(std::string_view internal_key) const {
  Block::Iterator index(comparator(), index_);
  index.Seek(internal_key);
  BlockHandle handle;
  if (index.Valid() && file_.DecodeHandle(index.value(), footer_.index.offset, &handle).ok()) {
    return handle.offset;
  }
  return footer_.metaindex.offset;  // behind all entries
}

Status Table::VerifyChecksums() const {
  std::string scratch;
  const auto verify = [this, &scratch](const BlockHandle& handle) -> Status {
    LSM_ASSIGN_OR_RETURN(const std::string_view stored, file_.ReadStored(handle, &scratch));
    file_.CountRead(handle);
    LSM_RETURN_IF_ERROR(file_.VerifyStored(handle, stored));
    return file_.MappingStatus();
  };
  LSM_RETURN_IF_ERROR(verify(footer_.index));
  LSM_RETURN_IF_ERROR(verify(footer_.metaindex));
  if (has_filter_) LSM_RETURN_IF_ERROR(verify(filter_handle_));
  if (facts_handle_.has_value()) LSM_RETURN_IF_ERROR(verify(*facts_handle_));
  Block::Iterator index(comparator(), index_);
  for (index.SeekToFirst(); index.Valid(); index.Next()) {
    BlockHandle handle;
    LSM_RETURN_IF_ERROR(file_.DecodeHandle(index.value(), footer_.index.offset, &handle));
    LSM_RETURN_IF_ERROR(verify(handle));
  }
  return BlockStatus(index, index_contents_);
}

Status Table::LoadBlock(const Block::Iterator& index, bool fill_cache,
                        BlockContents* contents) const {
  BlockHandle handle;
  LSM_RETURN_IF_ERROR(file_.DecodeHandle(index.value(), footer_.index.offset, &handle));
  if (file_.mapped()) {
    LSM_RETURN_IF_ERROR(LoadView(index.EntryOffset(), handle, contents));
    if (contents->bytes.data() != nullptr) return Status::Ok();
  }
  return LoadCached(handle, fill_cache, contents);
}

Status Table::LoadView(size_t index_entry, const BlockHandle& handle,
                       BlockContents* contents) const {
  LSM_ASSIGN_OR_RETURN(const std::string_view stored, file_.ReadStored(handle, nullptr));
  if (static_cast<Compression>(stored[handle.size]) != Compression::kNone) return Status::Ok();
  file_.CountRead(handle);
  if (file_.options().verify_checksums) {
    const size_t bit = index_entry / kIndexBytesPerBit;
    std::atomic<uint64_t>& word = verified_[bit / kBitsPerWord];
    const uint64_t mask = uint64_t{1} << bit % kBitsPerWord;
    // Relaxed: the bit speaks about bytes that nobody writes.
    if ((word.load(std::memory_order_relaxed) & mask) == 0) {
      LSM_RETURN_IF_ERROR(file_.VerifyStored(handle, stored));
      LSM_RETURN_IF_ERROR(file_.MappingStatus());
      word.fetch_or(mask, std::memory_order_relaxed);
    }
  }
  *contents = {stored.substr(0, handle.size), nullptr, handle.offset};
  return Status::Ok();
}

Status Table::LoadCached(const BlockHandle& handle, bool fill_cache,
                         BlockContents* contents) const {
  const TableOptions& options = file_.options();
  if (options.cache == nullptr) {
    return file_.ReadBlock(handle, options.verify_checksums, contents);
  }
  BlockBytes cached = options.cache->Lookup(options.file_number, handle.offset);
  if (options.counters != nullptr) {
    auto& count = cached ? options.counters->cache_hits : options.counters->cache_misses;
    count.fetch_add(1, std::memory_order_relaxed);
  }
  if (cached) {
    *contents = {*cached, std::move(cached), handle.offset};
    return Status::Ok();
  }
  LSM_RETURN_IF_ERROR(file_.ReadBlock(handle, options.verify_checksums, contents));
  // A view can get here if the block's type was read wrongly before; it owns nothing to cache.
  if (fill_cache && contents->owner != nullptr) {
    options.cache->Insert(options.file_number, handle.offset, contents->owner);
  }
  return Status::Ok();
}

Status Table::BlockStatus(const Block::Iterator& it, const BlockContents& contents) const {
  if (!it.status().ok()) return file_.Damage(contents.offset, it.status().message());
  return file_.MappingStatus();
}

}  // namespace lsm
