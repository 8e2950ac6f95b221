// Input: bytes as a source of decisions. Reading goes from the front; behind the end come zeros, so
// that every input means something. The same bytes give the same decisions under every compiler.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lsm::fuzz {

class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }

  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  // In [0, n), n > 0. Takes as many bytes as n needs.
  uint64_t Below(uint64_t n) {
    uint64_t value = 0;
    for (uint64_t most = n - 1; most > 0; most >>= 8) value = value << 8 | Byte();
    return value % n;
  }

  uint64_t Between(uint64_t lo, uint64_t hi) { return lo + Below(hi - lo + 1); }

  template <class T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }

  // Fewer at the end.
  std::string_view Take(size_t n) {
    const std::string_view taken = rest_.substr(0, std::min(n, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // A length byte and that many bytes; from kLongFrom on they are repeated to some KiB, so that a
  // short input reaches what only long strings do.
  std::string Piece() {
    constexpr size_t kLongFrom = 0xf0, kUnitBytes = 4096;
    const size_t length = Byte();
    if (length < kLongFrom) return std::string(Take(length));
    const size_t bytes = (length - kLongFrom + 1) * kUnitBytes;
    std::string piece = std::string(Take(length & 7)) + "x";
    while (piece.size() < bytes) piece += piece;  // few steps: sanitizers make each of them dear
    piece.resize(bytes);
    return piece;
  }

  // The rest, piece by piece.
  std::vector<std::string> Pieces() {
    std::vector<std::string> pieces;
    while (!empty()) pieces.push_back(Piece());
    return pieces;
  }

 private:
  std::string_view rest_;
};

}  // namespace lsm::fuzz
