#include "inspect/table_check.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <stage/bloom/bloom.h>
#include <stage/sstable/table.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/escape.h"
#include "inspect/table_layout.h"

namespace lsm::inspect {
namespace {

// Every block that footer, metaindex and index lead to.
class BlockWalk {
 public:
  BlockWalk(const RandomAccessFile* file, const std::string& path, Findings* findings)
      : file_(file), path_(path), findings_(findings) {}

  // The number of blocks whose checksum was computed.
  uint64_t Run() {
    BlockHandle metaindex, index;
    if (!ReadFooter(&metaindex, &index)) return 0;
    WalkIndex("metaindex", metaindex, "metadata block");
    WalkIndex("index", index, "data block");
    return blocks_;
  }

 private:
  bool ReadFooter(BlockHandle* metaindex, BlockHandle* index) {
    const uint64_t size = file_->Size();
    if (size < kFooterBytes) {
      findings_->Damage(path_, fmt::format("{} bytes are no table", size));
      return false;
    }
    limit_ = size - kFooterBytes;
    char scratch[kFooterBytes];
    const auto footer = file_->Read(limit_, kFooterBytes, scratch);
    if (!footer.ok()) {
      findings_->Damage(path_, footer.status());
      return false;
    }
    if (footer->size() != kFooterBytes ||
        DecodeFixed64(footer->data() + kFooterBytes - kMagicBytes) != kTableMagic ||
        !TakeFooter(*footer, metaindex, index)) {
      findings_->Damage(path_,
                        fmt::format("footer at offset {}: no table, or a damaged one", limit_));
      return false;
    }
    return true;
  }

  // The index block itself, and the blocks it names.
  void WalkIndex(std::string_view name, const BlockHandle& handle, std::string_view kind) {
    std::string stored;
    if (!ReadStored(name, handle, &stored)) return;
    std::vector<BlockHandle> handles;
    if (!HandlesOf(std::string_view(stored).substr(0, handle.size + 1), &handles)) {
      findings_->Damage(
          path_, fmt::format("{} at offset {}: its contents make no sense", name, handle.offset));
    }
    for (const BlockHandle& block : handles) ReadStored(kind, block, &stored);
  }

  // The block with its trailer; false, and a finding, if it is damaged.
  bool ReadStored(std::string_view name, const BlockHandle& handle, std::string* stored) {
    const auto damage = [&](std::string_view why) {
      findings_->Damage(path_, fmt::format("{} at offset {}: {}", name, handle.offset, why));
      return false;
    };
    if (!handle.FitsIn(limit_)) return damage("reaches behind the end of the file");
    const size_t n = handle.size + kTrailerBytes;
    stored->resize(n);
    const auto bytes = file_->Read(handle.offset, n, stored->data());
    if (!bytes.ok()) return damage(bytes.status().ToString());
    if (bytes->size() != n) return damage("cut off");
    if (bytes->data() != stored->data()) stored->assign(*bytes);
    ++blocks_;
    const std::string_view covered(stored->data(), handle.size + 1);
    const uint32_t checksum = DecodeFixed32(stored->data() + handle.size + 1);
    if (checksum != crc32c::Mask(crc32c::Value(covered))) return damage("checksum mismatch");
    return true;
  }

  const RandomAccessFile* const file_;
  const std::string& path_;
  Findings* const findings_;
  uint64_t limit_ = 0;  // blocks end here
  uint64_t blocks_ = 0;
};

// What the entries of a table are like, as the stage's reader sees them.
class EntryWalk {
 public:
  EntryWalk(const Table* table, const InternalKeyComparator& cmp, const FileMeta* stated)
      : table_(table), cmp_(cmp), stated_(stated) {}

  // The first problem.
  Status Run() {
    Table::Iterator it(table_, /*fill_cache=*/false);
    for (it.SeekToFirst(); it.Valid(); it.Next()) LSM_RETURN_IF_ERROR(Entry(it.key()));
    LSM_RETURN_IF_ERROR(it.status());
    if (entries_ == 0) return Status::Corruption("holds no entry");
    if (stated_ != nullptr && (smallest_ != stated_->smallest || previous_ != stated_->largest)) {
      return Status::Corruption(fmt::format("holds keys {} to {}, the manifest says {} to {}",
                                            KeyText(smallest_), KeyText(previous_),
                                            KeyText(stated_->smallest), KeyText(stated_->largest)));
    }
    return Status::Ok();
  }

  uint64_t entries() const { return entries_; }

 private:
  static std::string KeyText(std::string_view internal_key) {
    return fmt::format("{} @{}", Escape(ExtractUserKey(internal_key)),
                       ExtractTag(internal_key) >> 8);
  }

  Status Entry(std::string_view key) {
    ParsedInternalKey parsed;
    if (!ParseInternalKey(key, &parsed)) {
      return Status::Corruption(fmt::format("entry {}: malformed key", entries_));
    }
    if (entries_ > 0 && cmp_.Compare(previous_, key) >= 0) {
      return Status::Corruption(
          fmt::format("entry {}: key {} is out of order", entries_, KeyText(key)));
    }
    if (!table_->MayContain(Bloom::Hash(parsed.user_key))) {
      return Status::Corruption(
          fmt::format("the filter denies key {}, which the table holds", KeyText(key)));
    }
    if (entries_++ == 0) smallest_ = key;
    previous_ = key;
    return Status::Ok();
  }

  const Table* const table_;
  const InternalKeyComparator& cmp_;
  const FileMeta* const stated_;
  std::string smallest_, previous_;
  uint64_t entries_ = 0;
};

}  // namespace

void CheckTable(Env* env, const std::string& path, const InternalKeyComparator& cmp,
                const FileMeta* stated, Findings* findings, TableCounts* counts) {
  ++counts->tables;
  ++counts->uncounted;
  auto file = env->OpenRandomAccess(path, IoMode::kPlain);
  if (!file.ok()) return findings->Damage(path, file.status());
  const uint64_t size = (*file)->Size();
  if (stated != nullptr && size != stated->bytes) {
    findings->Damage(path, fmt::format("{} bytes, the manifest says {}", size, stated->bytes));
  }
  const size_t damages = findings->damages();
  counts->blocks += BlockWalk(file->get(), path, findings).Run();
  if (findings->damages() > damages) return;  // the stage would stop at one of them
  TableOptions options;
  options.comparator = cmp;
  options.file_name = path;
  auto table = Table::Open(options, std::move(*file));
  if (!table.ok()) return findings->Damage(path, table.status());
  EntryWalk entries(table->get(), cmp, stated);
  if (const Status s = entries.Run(); s.ok()) {
    --counts->uncounted;
  } else {
    findings->Damage(path, s);
  }
  counts->entries += entries.entries();
}

}  // namespace lsm::inspect
