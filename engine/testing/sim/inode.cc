#include "testing/sim/inode.h"

#include <algorithm>
#include <utility>

namespace lsm::sim {

std::string* Inode::Mutable() {
  if (bytes_.use_count() > 1) bytes_ = std::make_shared<std::string>(*bytes_);
  return bytes_.get();
}

void Inode::MarkDirty(uint64_t begin, uint64_t end) {
  for (uint64_t s = begin / kSectorBytes; s * kSectorBytes < end; ++s) {
    dirty_.insert(dirty_.end(), s);
  }
}

void Inode::Write(uint64_t offset, std::string_view data) {
  if (data.empty()) return;
  if (offset > size()) Resize(offset);
  std::string* bytes = Mutable();
  const uint64_t end = offset + data.size();
  const uint64_t overlap = std::min(end, size()) - offset;
  bytes->replace(offset, overlap, data);
  MarkDirty(offset, end);
}

void Inode::Resize(uint64_t new_size) {
  const uint64_t old_size = size();
  if (new_size == old_size) return;
  Mutable()->resize(new_size);
  if (new_size < old_size) {
    dirty_.erase(dirty_.lower_bound((new_size + kSectorBytes - 1) / kSectorBytes), dirty_.end());
  } else if (old_size < durable_.size()) {
    // A shorter volatile file grows over durable bytes that are not zeros.
    MarkDirty(old_size, std::min<uint64_t>(new_size, durable_.size()));
  }
}

// Makes a sector of `to` the volatile sector, whole: zeros stand behind the volatile end.
void Inode::CopySector(uint64_t sector, std::string* to) const {
  const uint64_t begin = sector * kSectorBytes;
  std::string bytes = bytes_->substr(begin, kSectorBytes);
  bytes.resize(kSectorBytes);
  if (to->size() < begin + kSectorBytes) to->resize(begin + kSectorBytes);
  to->replace(begin, kSectorBytes, bytes);
}

void Inode::Sync() {
  for (const uint64_t sector : dirty_) CopySector(sector, &durable_);
  durable_.resize(size());
  dirty_.clear();
}

void Inode::Overwrite(std::string_view data) {
  bytes_ = std::make_shared<std::string>(data);
  durable_ = data;
  dirty_.clear();
}

void Inode::ListUnits(const std::string& path, std::vector<UnsyncedUnit>* units) const {
  for (const uint64_t sector : dirty_) {
    units->push_back({UnsyncedUnit::Kind::kSector, path, sector * kSectorBytes});
  }
  if (size() != durable_.size()) units->push_back({UnsyncedUnit::Kind::kSize, path, size()});
}

void Inode::LoseUnsynced(const std::function<bool()>& keep) {
  uint64_t durable_size = durable_.size();
  for (const uint64_t sector : dirty_) {
    if (keep()) CopySector(sector, &durable_);
  }
  if (size() != durable_size && keep()) durable_size = size();
  durable_.resize(durable_size);
  dirty_.clear();
  bytes_ = std::make_shared<std::string>(durable_);
}

}  // namespace lsm::sim
