#include "testing/sim/inode.h"

#include <algorithm>
#include <utility>

#include "testing/sim/random.h"

namespace lsm::sim {
namespace {

std::string RandomBytes(uint64_t seed, size_t n) {
  Random random(seed);
  std::string bytes(n, '\0');
  for (char& c : bytes) c = static_cast<char>(random.Next());
  return bytes;
}

// `n` bytes at `offset`, zeros behind the end.
std::string Slice(std::string_view bytes, uint64_t offset, uint64_t n) {
  std::string slice(offset < bytes.size() ? bytes.substr(offset, n) : std::string_view());
  slice.resize(n);
  return slice;
}

void Replace(std::string* bytes, uint64_t offset, std::string_view by) {
  if (bytes->size() < offset + by.size()) bytes->resize(offset + by.size());
  bytes->replace(offset, by.size(), by);
}

}  // namespace

void Inode::MarkDirty(uint64_t begin, uint64_t end, bool grew) {
  for (uint64_t s = begin / kSectorBytes; s * kSectorBytes < end; ++s) {
    const uint64_t from = std::max(begin, s * kSectorBytes);
    const uint64_t to = std::min(end, (s + 1) * kSectorBytes);
    const auto [it, fresh] = dirty_.try_emplace(s, Dirty{from, to, grew, false});
    if (fresh) continue;
    Dirty& dirty = it->second;
    dirty = {std::min(dirty.begin, from), std::max(dirty.end, to), dirty.grew || grew, false};
  }
}

void Inode::Write(uint64_t offset, std::string_view data) {
  if (data.empty()) return;
  if (offset > size()) Resize(offset);
  const uint64_t end = offset + data.size();
  const uint64_t grown_from = size();
  bytes_.replace(offset, std::min(end, size()) - offset, data);
  if (offset < grown_from) MarkDirty(offset, std::min(end, grown_from), false);
  if (end > grown_from) MarkDirty(grown_from, end, true);
}

void Inode::Resize(uint64_t new_size) {
  const uint64_t old_size = size();
  if (new_size == old_size) return;
  bytes_.resize(new_size);
  smallest_size_ = std::min(smallest_size_, new_size);
  if (new_size < old_size) {
    dirty_.erase(dirty_.lower_bound((new_size + kSectorBytes - 1) / kSectorBytes), dirty_.end());
  } else if (old_size < durable_.size()) {
    // A shorter volatile file grows over durable bytes that are not zeros.
    MarkDirty(old_size, std::min<uint64_t>(new_size, durable_.size()), false);
  }
}

// Makes a sector of `to` the volatile sector, whole: zeros stand behind the volatile end.
void Inode::CopySector(uint64_t sector, std::string* to) const {
  Replace(to, sector * kSectorBytes, Slice(bytes_, sector * kSectorBytes, kSectorBytes));
}

void Inode::Sync() {
  for (auto it = dirty_.begin(); it != dirty_.end();) {
    if (it->second.dropped) {
      ++it;
      continue;
    }
    CopySector(it->first, &durable_);
    it = dirty_.erase(it);
  }
  durable_.resize(size());
  smallest_size_ = size();
}

void Inode::DropDirty() {
  // The device refused them: no promise of the file system holds for their order any more.
  for (auto& [sector, dirty] : dirty_) {
    dirty.dropped = true;
    dirty.grew = false;
  }
}

void Inode::RevertDirty() {
  for (const auto& [sector, dirty] : dirty_) {
    const uint64_t begin = sector * kSectorBytes;
    const uint64_t n = std::min(kSectorBytes, size() - begin);
    bytes_.replace(begin, n, Slice(durable_, begin, n));
  }
  dirty_.clear();
}

void Inode::Overwrite(std::string_view data) {
  bytes_ = data;
  durable_ = data;
  dirty_.clear();
  smallest_size_ = size();
}

void Inode::Damage(uint64_t offset, std::string_view data) {
  for (std::string* view : {&bytes_, &durable_}) {
    if (offset >= view->size()) continue;
    const std::string_view fits = data.substr(0, view->size() - offset);
    view->replace(offset, fits.size(), fits);
  }
}

void Inode::ListUnits(const std::string& path, std::vector<UnsyncedUnit>* units) const {
  for (const auto& [sector, dirty] : dirty_) {
    UnsyncedUnit unit{UnsyncedUnit::Kind::kSector, path, sector * kSectorBytes};
    unit.file = id_;
    unit.begin = dirty.begin;
    unit.end = dirty.end;
    unit.grew = dirty.grew;
    units->push_back(std::move(unit));
  }
  if (size() == durable_.size()) return;
  UnsyncedUnit unit{UnsyncedUnit::Kind::kSize, path, size()};
  unit.file = id_;
  unit.old_size = durable_.size();
  unit.begin = std::min(smallest_size_, size());
  unit.end = std::max<uint64_t>(durable_.size(), size());
  units->push_back(std::move(unit));
}

void Inode::ApplyFate(const Dirty& dirty, uint64_t sector, const Fate& fate,
                      std::string_view removed) {
  const uint64_t begin = sector * kSectorBytes;
  const uint64_t changed = dirty.end - dirty.begin;
  switch (fate.kind) {
    case Fate::Kind::kNew:
      return CopySector(sector, &durable_);
    case Fate::Kind::kPart:
      return Replace(&durable_, begin, Slice(bytes_, begin, std::min(fate.number, kSectorBytes)));
    case Fate::Kind::kZero:
      return Replace(&durable_, dirty.begin, std::string(changed, '\0'));
    case Fate::Kind::kGarbage:
      return Replace(&durable_, dirty.begin,
                     RandomBytes(fate.number ^ (id_ << 32) ^ begin, changed));
    case Fate::Kind::kStale:
      return Replace(&durable_, dirty.begin, Slice(removed, dirty.begin, changed));
    default:
      return;
  }
}

void Inode::LoseUnsynced(const std::function<Fate()>& next_fate,
                         const std::function<std::string_view(uint64_t n)>& removed) {
  const uint64_t old_size = durable_.size();
  uint64_t new_size = old_size;
  std::vector<Fate> fates;
  for (size_t i = 0; i < dirty_.size(); ++i) fates.push_back(next_fate());
  if (size() != old_size) {
    const Fate fate = next_fate();
    if (fate.kind == Fate::Kind::kNew || fate.kind == Fate::Kind::kStale) new_size = size();
    if (fate.kind == Fate::Kind::kPart) {
      new_size =
          std::clamp(fate.number, std::min(smallest_size_, size()), std::max(old_size, size()));
    }
    if (fate.kind == Fate::Kind::kStale && new_size > old_size) {
      durable_ += Slice(removed(fate.number), old_size, new_size - old_size);
    }
  }
  auto fate = fates.begin();
  for (const auto& [sector, dirty] : dirty_) {
    const bool is_stale = fate->kind == Fate::Kind::kStale;
    ApplyFate(dirty, sector, *fate, is_stale ? removed(fate->number) : std::string_view());
    ++fate;
  }
  durable_.resize(new_size);
  dirty_.clear();
  bytes_ = durable_;
  smallest_size_ = new_size;
  late_error_ = Status::Ok();
}

}  // namespace lsm::sim
