#include <stage/bloom/bloom.h>
#include <stage/sstable/table_builder.h>

#include <utility>

#include "contract/bloom/concept.h"
#include "format/codec.h"

namespace lsm {

using table_format::BlockHandle;

static_assert(BloomStage<Bloom>);

TableBuilder::TableBuilder(const TableOptions& options, WritableFile* file)
    : options_(options),
      file_(file),
      data_(&options_.comparator, options_.restart_interval),
      index_(&options_.comparator, /*restart_interval=*/1) {}

Status TableBuilder::Add(std::string_view key, std::string_view value) {
  LSM_RETURN_IF_ERROR(status_);
  LSM_DCHECK(entries_ == 0 || options_.comparator.Compare(last_key_, key) < 0);
  if (index_entry_pending_) {
    std::string separator = last_key_;
    options_.comparator.FindShortestSeparator(&separator, key);
    AddIndexEntry(separator);
  }
  CollectFilterHash(ExtractUserKey(key));
  last_key_.assign(key);
  data_.Add(key, value);
  ++entries_;
  if (data_.SizeEstimate() >= options_.block_bytes) return FinishDataBlock();
  return Status::Ok();
}

// Before last_key_ is replaced.
void TableBuilder::CollectFilterHash(std::string_view user_key) {
  if (options_.bits_per_key <= 0) return;
  if (entries_ > 0 && ExtractUserKey(last_key_) == user_key) return;
  filter_hashes_.push_back(Bloom::Hash(user_key));
}

Status TableBuilder::FinishDataBlock() {
  LSM_RETURN_IF_ERROR(WriteBlock(data_.Finish(), options_.compression, &last_block_));
  data_.Reset();
  index_entry_pending_ = true;
  return Status::Ok();
}

void TableBuilder::AddIndexEntry(std::string_view key) {
  std::string handle;
  last_block_.AppendTo(&handle);
  index_.Add(key, handle);
  index_entry_pending_ = false;
}

Status TableBuilder::Finish() {
  LSM_RETURN_IF_ERROR(status_);
  if (!data_.empty()) LSM_RETURN_IF_ERROR(FinishDataBlock());
  if (index_entry_pending_) {
    std::string successor = last_key_;
    options_.comparator.FindShortSuccessor(&successor);
    AddIndexEntry(successor);
  }
  table_format::Footer footer;
  LSM_RETURN_IF_ERROR(WriteMetaindex(&footer.metaindex));
  // Uncompressed, so that a mapped reader searches the index where it stands.
  LSM_RETURN_IF_ERROR(WriteBlock(index_.Finish(), Compression::kNone, &footer.index));
  return Append(footer.Encode());
}

Status TableBuilder::WriteMetaindex(BlockHandle* handle) {
  BlockBuilder metaindex(nullptr, options_.restart_interval);  // names ascend
  if (!facts_.empty()) {
    BlockHandle facts_handle;
    LSM_RETURN_IF_ERROR(WriteBlock(facts_, Compression::kNone, &facts_handle));
    std::string encoded;
    facts_handle.AppendTo(&encoded);
    metaindex.Add(table_format::kFactsName, encoded);
  }
  if (options_.bits_per_key > 0) {
    std::string filter;
    Bloom::Build(filter_hashes_, options_.bits_per_key, &filter);
    BlockHandle filter_handle;
    LSM_RETURN_IF_ERROR(WriteBlock(filter, Compression::kNone, &filter_handle));
    std::string name(table_format::kFilterPrefix);
    name.append(Bloom::Name());
    std::string encoded;
    filter_handle.AppendTo(&encoded);
    metaindex.Add(name, encoded);
  }
  return WriteBlock(metaindex.Finish(), Compression::kNone, handle);
}

Status TableBuilder::WriteBlock(std::string_view contents, Compression codec, BlockHandle* handle) {
  if (codec != Compression::kNone) {
    if (Compress(codec, contents, &compressed_)) {
      contents = compressed_;
    } else {
      codec = Compression::kNone;
    }
  }
  *handle = {offset_, contents.size()};
  LSM_RETURN_IF_ERROR(Append(contents));
  return Append(table_format::EncodeTrailer(contents, codec));
}

Status TableBuilder::Append(std::string_view bytes) {
  status_ = file_->Append(bytes);
  if (status_.ok()) offset_ += bytes.size();
  return status_;
}

}  // namespace lsm
