#include "testing/precedence.h"

namespace lsm::lab {

Precedence::Precedence(size_t acts)
    : behind_(acts, Bits((acts + 63) / 64)), before_(acts, Bits((acts + 63) / 64)) {}

void Precedence::Given(size_t a, size_t b) {
  Set(&behind_[a], b);
  Set(&before_[b], a);
}

bool Precedence::Add(const Fact& fact) {
  const size_t a = fact.before, b = fact.after;
  if (Before(a, b)) return true;
  facts_.push_back(fact);
  if (a == b || Before(b, a)) return false;
  Bits from = before_[a], to = behind_[b];
  Set(&from, a);
  Set(&to, b);
  for (size_t i = 0; i < behind_.size(); ++i) {
    if (Bit(from, i)) {
      for (size_t word = 0; word < to.size(); ++word) behind_[i][word] |= to[word];
    }
    if (Bit(to, i)) {
      for (size_t word = 0; word < from.size(); ++word) before_[i][word] |= from[word];
    }
  }
  return true;
}

}  // namespace lsm::lab
