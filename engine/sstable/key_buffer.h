// KeyBuffer: the current key of a block iterator. Ordinary keys stand in the object itself, so that
// a lookup allocates nothing; longer ones go to the heap, and that memory is kept for the next key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace lsm {

class KeyBuffer {
 public:
  KeyBuffer() = default;
  KeyBuffer(KeyBuffer&& other) noexcept { *this = std::move(other); }
  KeyBuffer& operator=(KeyBuffer&& other) noexcept {
    heap_ = std::move(other.heap_);
    capacity_ = std::exchange(other.capacity_, sizeof(inline_));
    size_ = std::exchange(other.size_, 0);
    if (heap_ == nullptr) std::copy_n(other.inline_, size_, inline_);
    return *this;
  }

  size_t size() const { return size_; }
  std::string_view view() const { return {data(), size_}; }
  void Clear() { size_ = 0; }

  // Keeps the first `keep` bytes (<= size()) and puts [tail, tail + n) behind them; `tail` must not
  // point into the buffer.
  void ReplaceTail(size_t keep, const char* tail, size_t n) {
    if (keep + n > capacity_) Grow(keep, keep + n);
    std::copy_n(tail, n, data() + keep);
    size_ = keep + n;
  }

 private:
  // Holds the internal keys of user keys of up to 120 bytes.
  static constexpr size_t kInlineBytes = 128;

  char* data() { return heap_ == nullptr ? inline_ : heap_.get(); }
  const char* data() const { return heap_ == nullptr ? inline_ : heap_.get(); }

  void Grow(size_t keep, size_t need) {
    const size_t capacity = std::max(need, 2 * capacity_);
    std::unique_ptr<char[]> grown(new char[capacity]);
    std::copy_n(data(), keep, grown.get());
    heap_ = std::move(grown);
    capacity_ = capacity;
  }

  size_t size_ = 0;
  size_t capacity_ = kInlineBytes;
  std::unique_ptr<char[]> heap_;  // null: the key stands in inline_
  char inline_[kInlineBytes];
};

}  // namespace lsm
