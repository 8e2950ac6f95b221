#include <stage/sstable/block.h>
#include <algorithm>

namespace lsm {

BlockBuilder::BlockBuilder(const InternalKeyComparator* comparator, int restart_interval)
    : comparator_(comparator), restart_interval_(restart_interval) {
  LSM_CHECK(restart_interval_ >= 1);
}

bool BlockBuilder::Ascends(std::string_view key) const {
  if (empty()) return true;
  return (comparator_ == nullptr ? last_key_.compare(key) : comparator_->Compare(last_key_, key)) <
         0;
}

void BlockBuilder::Add(std::string_view key, std::string_view value) {
  LSM_DCHECK(Ascends(key));
  size_t shared = 0;
  if (since_restart_ < restart_interval_) {
    const size_t n = std::min(last_key_.size(), key.size());
    while (shared < n && last_key_[shared] == key[shared]) ++shared;
  } else {
    // Restart points are 32-bit: the limits of keys, values and options keep a block below that.
    LSM_CHECK(buffer_.size() <= UINT32_MAX);
    restarts_.push_back(static_cast<uint32_t>(buffer_.size()));
    since_restart_ = 0;
  }
  PutVarint32(&buffer_, static_cast<uint32_t>(shared));
  PutVarint32(&buffer_, static_cast<uint32_t>(key.size() - shared));
  PutVarint32(&buffer_, static_cast<uint32_t>(value.size()));
  buffer_.append(key.substr(shared));
  buffer_.append(value);
  last_key_.resize(shared);
  last_key_.append(key.substr(shared));
  ++since_restart_;
}

std::string_view BlockBuilder::Finish() {
  for (const uint32_t restart : restarts_) PutFixed32(&buffer_, restart);
  PutFixed32(&buffer_, static_cast<uint32_t>(restarts_.size()));
  return buffer_;
}

void BlockBuilder::Reset() {
  buffer_.clear();
  restarts_.assign(1, 0);
  since_restart_ = 0;
  last_key_.clear();
}

size_t BlockBuilder::SizeEstimate() const {
  return buffer_.size() + (restarts_.size() + 1) * sizeof(uint32_t);
}

}  // namespace lsm
