#include "inspect/annotator.h"

#include <memory>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/escape.h"
#include "format/internal_key.h"

namespace lsm::inspect {
namespace {

constexpr size_t kHexBytesMax = 6;    // a longer field shows its beginning
constexpr size_t kTextBytesMax = 40;  // a line with key and value still fits a terminal
constexpr size_t kReadBytes = size_t{1} << 16;

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, kHexBytesMax)) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return bytes.size() > kHexBytesMax ? text + ".." : text;
}

}  // namespace

Result<std::string> ReadFile(Env* env, const std::string& path) {
  LSM_ASSIGN_OR_RETURN(const std::unique_ptr<SequentialFile> file, env->OpenSequential(path));
  std::string bytes;
  std::string buffer(kReadBytes, '\0');
  for (;;) {
    LSM_ASSIGN_OR_RETURN(const size_t n, file->Read(buffer.size(), buffer.data()));
    if (n == 0) return bytes;
    bytes.append(buffer, 0, n);
  }
}

std::string Text(std::string_view bytes) {
  if (bytes.size() <= kTextBytesMax) return Escape(bytes);
  return fmt::format("{}.. ({} bytes)", Escape(bytes.substr(0, kTextBytesMax)), bytes.size());
}

std::string InternalKeyText(std::string_view key) {
  ParsedInternalKey parsed;
  if (!ParseInternalKey(key, &parsed)) return fmt::format("BAD internal key {}", Text(key));
  return fmt::format("{} @{} {}", Text(parsed.user_key), parsed.sequence,
                     parsed.type == ValueType::kValue ? "put" : "delete");
}

void Annotator::Field(uint64_t offset, uint64_t n, std::string_view meaning) {
  *out_ += fmt::format("{:08x}  {:<14}  {}\n", offset, Hex(bytes_.substr(offset, n)), meaning);
}

bool Annotator::Checksum(uint64_t offset, std::string_view covered) {
  std::string computed;
  PutFixed32(&computed, crc32c::Mask(crc32c::Value(covered)));
  const bool ok = bytes_.substr(offset, computed.size()) == computed;
  Field(offset, computed.size(),
        ok ? "checksum, ok" : fmt::format("checksum, BAD (should be {})", Hex(computed)));
  return ok;
}

void Annotator::Note(int depth, std::string_view text) {
  *out_ += fmt::format("{:{}}{}\n", "", 2 * depth, text);
}

}  // namespace lsm::inspect
