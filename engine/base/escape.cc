#include "base/escape.h"

namespace lsm {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Escape(std::string_view bytes) {
  if (bytes.empty()) return "\"\"";
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    if (c > ' ' && c < 0x7f && c != '\\' && c != '"') {
      text.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text.append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return text;
}

Result<std::string> Unescape(std::string_view text) {
  if (text == "\"\"") return std::string();
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes.push_back(text[i]);
      continue;
    }
    const char kind = i + 1 < text.size() ? text[i + 1] : '\0';
    if (kind == 'x' && i + 3 < text.size() && HexDigit(text[i + 2]) >= 0 &&
        HexDigit(text[i + 3]) >= 0) {
      bytes.push_back(static_cast<char>(HexDigit(text[i + 2]) * 16 + HexDigit(text[i + 3])));
      i += 3;
      continue;
    }
    switch (kind) {
      case 'n':
        bytes.push_back('\n');
        break;
      case 't':
        bytes.push_back('\t');
        break;
      case 'r':
        bytes.push_back('\r');
        break;
      case '\\':
        bytes.push_back('\\');
        break;
      case '"':
        bytes.push_back('"');
        break;
      default:
        return Status::InvalidArgument("bad escape at position " + std::to_string(i) + " of '" +
                                       std::string(text) + "'");
    }
    ++i;
  }
  return bytes;
}

}  // namespace lsm
