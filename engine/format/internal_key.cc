#include "format/internal_key.h"

namespace lsm {

namespace {
// The largest tag sorts first among equal user keys, so that a shortened key is still >= *start.
constexpr uint64_t kFirstTag = kMaxSequence << 8 | static_cast<uint8_t>(kTypeForSeek);
}  // namespace

void InternalKeyComparator::FindShortestSeparator(std::string* start,
                                                  std::string_view limit) const {
  const std::string_view user_start = ExtractUserKey(*start);
  std::string shorter(user_start);
  user_->FindShortestSeparator(&shorter, ExtractUserKey(limit));
  if (shorter.size() < user_start.size() && CompareUserKeys(user_start, shorter) < 0) {
    PutFixed64(&shorter, kFirstTag);
    LSM_DCHECK(Compare(*start, shorter) < 0 && Compare(shorter, limit) < 0);
    start->swap(shorter);
  }
}

void InternalKeyComparator::FindShortSuccessor(std::string* key) const {
  const std::string_view user_key = ExtractUserKey(*key);
  std::string shorter(user_key);
  user_->FindShortSuccessor(&shorter);
  if (shorter.size() < user_key.size() && CompareUserKeys(user_key, shorter) < 0) {
    PutFixed64(&shorter, kFirstTag);
    key->swap(shorter);
  }
}

}  // namespace lsm
