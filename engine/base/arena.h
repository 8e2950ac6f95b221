// Arena: memory that is freed all at once. One thread allocates; MemoryUsage may be read by any.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace lsm {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // n > 0 bytes, unaligned.
  char* Allocate(size_t n) {
    if (n <= left_) return Take(n);
    return AllocateSlow(n);
  }
  // n > 0 bytes at an address that is a multiple of 8.
  char* AllocateAligned(size_t n);

  // Bytes obtained from the system.
  size_t MemoryUsage() const { return usage_.load(std::memory_order_relaxed); }

 private:
  // Small enough that a memtable of 1 KiB is not over its limit with its first block.
  static constexpr size_t kFirstBlockBytes = 512;
  static constexpr size_t kBlockBytes = 4096;

  char* Take(size_t n) {
    char* result = next_;
    next_ += n;
    left_ -= n;
    return result;
  }
  char* AllocateSlow(size_t n);
  char* NewBlock(size_t n);

  char* next_ = nullptr;
  size_t left_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::atomic<size_t> usage_{0};
};

}  // namespace lsm
