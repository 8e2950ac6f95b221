// Brings libFuzzer's inputs to the target LSM_FUZZ_TARGET: compiled once for each.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuzz/target.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

const lsm::fuzz::Target& TheTarget() {
  static const lsm::fuzz::Target* const target = lsm::fuzz::FindTarget(LSM_FUZZ_TARGET);
  return *target;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const lsm::fuzz::Finding finding = lsm::fuzz::Check(TheTarget(), input);
  if (finding.empty()) return 0;
  std::fprintf(stderr, "FINDING: %s: %s\n", LSM_FUZZ_TARGET, finding.c_str());
  std::abort();
}

// libFuzzer's own mutations, every second time with the checksums made right again.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (TheTarget().repair == nullptr || seed % 2 == 0) return size;
  std::string input(reinterpret_cast<const char*>(data), size);
  TheTarget().repair(&input);
  std::memcpy(data, input.data(), size);
  return size;
}
