#include "base/coding.h"

namespace lsm {

const char* GetVarint64(const char* p, const char* limit, uint64_t* v) {
  uint64_t result = 0;
  for (int shift = 0; shift <= 63 && p < limit; shift += 7) {
    const auto byte = static_cast<unsigned char>(*p++);
    if (shift == 63 && byte > 1) return nullptr;  // more than 64 bits
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *v = result;
      return p;
    }
  }
  return nullptr;
}

const char* GetVarint32Slow(const char* p, const char* limit, uint32_t* v) {
  uint64_t wide;
  const char* end = GetVarint64(p, limit, &wide);
  if (end == nullptr || wide > UINT32_MAX || end - p > kMaxVarint32Bytes) return nullptr;
  *v = static_cast<uint32_t>(wide);
  return end;
}

namespace {

bool Advance(std::string_view* input, const char* end) {
  if (end == nullptr) return false;
  input->remove_prefix(static_cast<size_t>(end - input->data()));
  return true;
}

}  // namespace

bool GetVarint32(std::string_view* input, uint32_t* v) {
  return Advance(input, GetVarint32(input->data(), input->data() + input->size(), v));
}

bool GetVarint64(std::string_view* input, uint64_t* v) {
  return Advance(input, GetVarint64(input->data(), input->data() + input->size(), v));
}

bool GetFixed32(std::string_view* input, uint32_t* v) {
  if (input->size() < sizeof(*v)) return false;
  *v = DecodeFixed32(input->data());
  input->remove_prefix(sizeof(*v));
  return true;
}

bool GetFixed64(std::string_view* input, uint64_t* v) {
  if (input->size() < sizeof(*v)) return false;
  *v = DecodeFixed64(input->data());
  input->remove_prefix(sizeof(*v));
  return true;
}

bool GetLengthPrefixed(std::string_view* input, std::string_view* out) {
  std::string_view rest = *input;
  uint32_t n;
  if (!GetVarint32(&rest, &n) || n > rest.size()) return false;
  *out = rest.substr(0, n);
  rest.remove_prefix(n);
  *input = rest;
  return true;
}

}  // namespace lsm
