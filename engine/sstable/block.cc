#include <fmt/format.h>
#include <stage/sstable/block.h>

namespace lsm {

Block::Block(std::string_view contents) : begin_(contents.data()), limit_(contents.data()) {
  if (contents.size() < sizeof(uint32_t)) return;
  const size_t before_count = contents.size() - sizeof(uint32_t);
  const uint32_t count = DecodeFixed32(contents.data() + before_count);
  if (count > before_count / sizeof(uint32_t)) return;
  restarts_ = count;
  limit_ = begin_ + (before_count - count * sizeof(uint32_t));
}

void Block::Iterator::Reset(const Block& block) {
  block_ = block;
  current_ = nullptr;
  passed_.clear();
  status_ = Status::Ok();
}

bool Block::Iterator::Start() {
  current_ = nullptr;
  status_ = Status::Ok();
  key_.Clear();
  if (block_.restarts_ == 0) return Damaged(block_.begin_, "bad restart array");
  return block_.begin_ != block_.limit_;
}

void Block::Iterator::SeekToFirst() {
  if (Start()) Decode(block_.begin_);
}

void Block::Iterator::SeekToLast() {
  if (Start()) StepBack(block_.limit_);
}

void Block::Iterator::Seek(std::string_view target) {
  if (!Start()) return;
  // The last restart point whose key is < target, or the first of all: the answer is behind it.
  uint32_t left = 0;
  uint32_t right = block_.restarts_ - 1;
  while (left < right) {
    const uint32_t mid = left + (right - left + 1) / 2;
    std::string_view key;
    if (!RestartKey(mid, &key)) return;
    if (Compare(key, target) < 0) {
      left = mid;
    } else {
      right = mid - 1;
    }
  }
  std::string_view key;
  if (!RestartKey(left, &key)) return;
  Decode(block_.begin_ + block_.RestartOffset(left));
  while (Valid() && Compare(key_.view(), target) < 0) Next();
}

// The key at a restart point stands whole in the block.
bool Block::Iterator::RestartKey(uint32_t i, std::string_view* key) {
  const uint32_t offset = block_.RestartOffset(i);
  Entry entry;
  if (offset >= static_cast<size_t>(block_.limit_ - block_.begin_) ||
      !Parse(block_.begin_ + offset, block_.limit_, &entry) || entry.shared != 0 ||
      entry.unshared < key_bytes_min_) {
    return Damaged(block_.limit_ + size_t{i} * sizeof(uint32_t), "bad restart point");
  }
  *key = {entry.delta, entry.unshared};
  return true;
}

// The last restart point in front of p, or the first of all.
uint32_t Block::Iterator::LastRestartBefore(const char* p) const {
  uint32_t left = 0;
  uint32_t right = block_.restarts_ - 1;
  while (left < right) {
    const uint32_t mid = left + (right - left + 1) / 2;
    if (block_.RestartOffset(mid) < static_cast<size_t>(p - block_.begin_)) {
      left = mid;
    } else {
      right = mid - 1;
    }
  }
  return left;
}

// Fills passed_ with the entries of a restart interval, up to the one that ends at `end`.
bool Block::Iterator::DecodeIntervalBefore(const char* end) {
  const uint32_t restart = LastRestartBefore(end);
  const size_t offset = block_.RestartOffset(restart);
  if (offset >= static_cast<size_t>(end - block_.begin_)) {
    return Damaged(block_.limit_ + size_t{restart} * sizeof(uint32_t), "bad restart point");
  }
  passed_.clear();
  passed_keys_.clear();
  key_.Clear();
  for (const char* p = block_.begin_ + offset; p != end;) {
    Entry entry;
    if (!Parse(p, end, &entry)) return Damaged(p, "lengths beyond the entries");
    if (!ApplyKey(entry)) return Damaged(p, "bad key lengths");
    const char* next = entry.delta + entry.unshared + entry.value_bytes;
    const std::string_view key = key_.view();
    if (passed_keys_.size() + key.size() > kPassedKeyBytesMax) {
      passed_.clear();
      passed_keys_.clear();
    }
    passed_.push_back(
        {p, next, passed_keys_.size(), static_cast<uint32_t>(key.size()), entry.value_bytes});
    passed_keys_.insert(passed_keys_.end(), key.begin(), key.end());
    p = next;
  }
  return true;
}

// Makes the entry that ends at `end` the current one.
void Block::Iterator::StepBack(const char* end) {
  if (end == block_.begin_) {
    current_ = nullptr;
    return;
  }
  if (passed_.empty() || passed_.back().end != end) {
    if (!DecodeIntervalBefore(end)) return;
  }
  const Passed& entry = passed_.back();
  key_.ReplaceTail(0, passed_keys_.data() + entry.key_offset, entry.key_bytes);
  value_ = {entry.end - entry.value_bytes, entry.value_bytes};
  current_ = entry.begin;
  passed_.pop_back();
}

bool Block::Iterator::ParseLongLengths(const char* p, const char* limit, Entry* entry) {
  p = GetVarint32(p, limit, &entry->shared);
  if (p != nullptr) p = GetVarint32(p, limit, &entry->unshared);
  if (p != nullptr) p = GetVarint32(p, limit, &entry->value_bytes);
  entry->delta = p;
  return p != nullptr;
}

bool Block::Iterator::Damaged(const char* at, const char* reason) {
  status_ = Status::Corruption(
      fmt::format("{} at byte {} of the block", reason, static_cast<size_t>(at - block_.begin_)));
  current_ = nullptr;
  return false;
}

}  // namespace lsm
