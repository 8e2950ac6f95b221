#include "workloads/data.h"

#include <algorithm>
#include <cstring>

#include "testing/sim/random.h"

namespace lsm::bench {
namespace {

constexpr uint64_t kPoolBytes = uint64_t{1} << 20;
constexpr uint64_t kNumbers = uint64_t{1} << 53;  // fewer than there are keys of 16 digits

uint64_t Load64(std::string_view bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof(word)));
  return word;
}

}  // namespace

void SequentialKey(uint64_t i, std::string* key) {
  key->resize(kKeyBytes);
  for (size_t at = kKeyBytes; at-- > 0; i /= 10) (*key)[at] = static_cast<char>('0' + i % 10);
}

// Every step can be undone: xor with a shift of itself, and multiplication by an odd number modulo
// 2^53. So no two numbers meet.
void ScatteredKey(uint64_t i, std::string* key) {
  uint64_t x = i % kNumbers;
  x ^= x >> 27;
  x = x * 0x9e3779b97f4a7c15U % kNumbers;
  x ^= x >> 25;
  x = x * 0xbf58476d1ce4e5b9U % kNumbers;
  x ^= x >> 28;
  SequentialKey(x, key);
}

// Pieces of 100 bytes of which the first part is random and the rest repeats it.
Values::Values(size_t bytes, double entropy) : bytes_(bytes), pool_(kPoolBytes + bytes, '\0') {
  constexpr size_t kPiece = 100;
  const auto random_bytes = static_cast<size_t>(std::max(1.0, entropy * kPiece));
  sim::Random random(1);
  for (size_t i = 0; i < pool_.size(); ++i) {
    const size_t in_piece = i % kPiece;
    pool_[i] =
        in_piece < random_bytes ? static_cast<char>(random.Next() & 0xff) : pool_[i - random_bytes];
  }
}

void Values::Make(uint64_t stamp, std::string* value) const {
  const uint64_t mixed = sim::Random(stamp).Next();
  value->assign(pool_, mixed % kPoolBytes, bytes_);
  std::memcpy(value->data(), &mixed, std::min(bytes_, sizeof(mixed)));
}

uint64_t AnswerSum(std::string_view key, bool found, std::string_view value) {
  uint64_t sum = Load64(key.substr(key.size() < 8 ? 0 : key.size() - 8)) * 0x9e3779b97f4a7c15U;
  if (found) sum ^= (Load64(value) + value.size()) * 0xbf58476d1ce4e5b9U + 1;
  return sum ^ (sum >> 29);
}

}  // namespace lsm::bench
