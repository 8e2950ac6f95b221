// Times in nanoseconds in fixed memory: 64 buckets for each power of two, so a quantile is at most
// 1.6 % above the time that it stands for. Not thread-safe; histograms of threads are added up.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace lsm::bench {

class Histogram {
 public:
  void Add(uint64_t ns) {
    ++counts_[BucketOf(ns)];
    ++count_;
    max_ = std::max(max_, ns);
  }
  void Add(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  // The least bound that a part q in [0, 1] of all times does not exceed; 0 of none.
  uint64_t Quantile(double q) const {
    const auto wanted = static_cast<uint64_t>(q * static_cast<double>(count_));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && seen >= wanted) return std::min(EndOf(i), max_);
    }
    return max_;
  }

 private:
  static constexpr int kBits = 6;
  static constexpr uint64_t kSub = uint64_t{1} << kBits;

  // Below kSub each time has its own bucket; above, a bucket is the top kBits + 1 bits.
  static size_t BucketOf(uint64_t ns) {
    if (ns < kSub) return ns;
    const int shift = std::bit_width(ns) - kBits - 1;
    return (static_cast<size_t>(shift) << kBits) + (ns >> shift);
  }
  static uint64_t EndOf(size_t bucket) {  // the largest time in it
    if (bucket < 2 * kSub) return bucket;
    const auto shift = static_cast<int>(bucket >> kBits) - 1;
    return (((bucket & (kSub - 1)) + kSub + 1) << shift) - 1;
  }

  std::array<uint64_t, (64 - kBits + 1) << kBits> counts_{};
  uint64_t count_ = 0, max_ = 0;
};

}  // namespace lsm::bench
