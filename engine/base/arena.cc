#include "base/arena.h"

#include <cstdint>

#include "base/check.h"

namespace lsm {

char* Arena::NewBlock(size_t n) {
  blocks_.emplace_back(new char[n]);  // its bytes need no value yet: no make_unique
  usage_.fetch_add(n + sizeof(char*), std::memory_order_relaxed);
  return blocks_.back().get();
}

char* Arena::AllocateSlow(size_t n) {
  const size_t block = next_ == nullptr ? kFirstBlockBytes : kBlockBytes;
  if (n > block / 4) return NewBlock(n);  // of its own, so that little of the current is wasted
  next_ = NewBlock(block);
  left_ = block;
  return Take(n);
}

char* Arena::AllocateAligned(size_t n) {
  LSM_DCHECK(n > 0);
  const size_t slop = (8 - (reinterpret_cast<uintptr_t>(next_) & 7)) & 7;
  if (n + slop <= left_) {
    Take(slop);
    return Take(n);
  }
  return AllocateSlow(n);  // new[] aligns blocks
}

}  // namespace lsm
