#include "fuzz/mutator.h"

#include <algorithm>

#include "testing/sim/random.h"

namespace lsm::fuzz {
namespace {

using sim::Random;

// Bytes at the edges of what length fields and tags hold.
constexpr char kTelling[] = {0, 1, 2, 7, 0x7f, '\x80', '\xfe', '\xff'};

std::string_view SomeOf(std::string_view bytes, Random* random) {
  if (bytes.empty()) return bytes;
  const size_t begin = random->Below(bytes.size());
  const size_t most = std::min<size_t>(bytes.size() - begin, 64);
  return bytes.substr(begin, 1 + random->Below(most));
}

void Change(std::string* input, std::string_view other, size_t max_bytes, Random* random) {
  const size_t at = random->Below(input->size() + 1);
  const bool inside = at < input->size();
  switch (random->Below(8)) {
    case 0:
      if (inside) (*input)[at] = static_cast<char>((*input)[at] ^ (1 << random->Below(8)));
      break;
    case 1:
      if (inside) (*input)[at] = static_cast<char>(random->Next());
      break;
    case 2:
      if (inside) (*input)[at] = kTelling[random->Below(sizeof(kTelling))];
      break;
    case 3:
      if (inside) input->erase(at, 1 + random->Below(16));
      break;
    case 4:
      input->resize(at);
      break;
    case 5:
      input->insert(at, std::string(1 + random->Below(16), static_cast<char>(random->Next())));
      break;
    case 6:
      input->insert(at, std::string(SomeOf(other, random)));
      break;
    default: {
      const std::string_view some = SomeOf(other, random);
      if (inside) input->replace(at, some.size(), some);
    }
  }
  if (input->size() > max_bytes) input->resize(max_bytes);
}

}  // namespace

std::string MutationAt(const Target& target, const std::vector<std::string>& corpus, uint64_t seed,
                       uint64_t index) {
  constexpr uint64_t kMaxChanges = 4;
  Random random(Random(seed).Next() + index);
  std::string input = corpus[random.Below(corpus.size())];
  const std::string& other = corpus[random.Below(corpus.size())];
  const uint64_t changes = 1 + random.Below(kMaxChanges);
  for (uint64_t i = 0; i < changes; ++i) Change(&input, other, target.max_bytes, &random);
  if (target.repair != nullptr && random.Below(2) == 0) target.repair(&input);
  return input;
}

}  // namespace lsm::fuzz
