#include "tools/cli/row_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"

namespace lsm::cli {
namespace {

constexpr std::string_view kEmpty = "\"\"";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 3629: no surrogates, no longer forms than needed, nothing behind U+10FFFF.
bool IsUtf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const size_t n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (n == 0 || lead > 0xf4 || n > bytes.size() - i) return false;
    for (size_t k = 1; k < n; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + k]);
      unsigned low = 0x80, high = 0xbf;
      if (k == 1 && lead == 0xe0) low = 0xa0;
      if (k == 1 && lead == 0xed) high = 0x9f;
      if (k == 1 && lead == 0xf0) low = 0x90;
      if (k == 1 && lead == 0xf4) high = 0x8f;
      if (next < low || next > high) return false;
    }
    i += n;
  }
  return true;
}

std::string TsvField(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    switch (c) {
      case '\\':
        text += "\\\\";
        break;
      case '"':
        text += "\\\"";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      default:
        text += c;
    }
  }
  return text;
}

Result<Row> ParseTsv(std::string_view line) {
  const size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return Status::Corruption("no tab between key and value");
  if (line.find('\t', tab + 1) != std::string_view::npos) {
    return Status::Corruption("more than two fields; a tab in a value is written \\t");
  }
  auto key = Unescape(line.substr(0, tab));
  if (!key.ok()) return Status::Corruption(std::string(key.status().message()));
  auto value = Unescape(line.substr(tab + 1));
  if (!value.ok()) return Status::Corruption(std::string(value.status().message()));
  return Row{std::move(*key), std::move(*value)};
}

// Takes a field off the front of *rest, and the comma behind it; *last tells that there was none.
Status TakeCsvField(std::string_view* rest, std::string* field, bool* last) {
  field->clear();
  if (!rest->empty() && rest->front() == '"') {
    size_t at = 1;
    for (;; ++at) {
      const size_t quote = rest->find('"', at);
      if (quote == std::string_view::npos) return Status::Corruption("a quote is not closed");
      field->append(rest->substr(at, quote - at));
      at = quote + 1;
      if (at == rest->size() || (*rest)[at] != '"') break;
      field->push_back('"');
    }
    rest->remove_prefix(at);
    if (!rest->empty() && rest->front() != ',') {
      return Status::Corruption("text behind a closing quote");
    }
  } else {
    field->assign(rest->substr(0, rest->find(',')));
    if (field->find('"') != std::string::npos) {
      return Status::Corruption("a quote inside a field without quotes");
    }
    rest->remove_prefix(field->size());
  }
  *last = rest->empty();
  if (!*last) rest->remove_prefix(1);
  return Status::Ok();
}

Result<Row> ParseCsv(std::string_view record) {
  Row row;
  bool last = false;
  LSM_RETURN_IF_ERROR(TakeCsvField(&record, &row.key, &last));
  if (last) return Status::Corruption("no comma between key and value");
  LSM_RETURN_IF_ERROR(TakeCsvField(&record, &row.value, &last));
  if (!last) return Status::Corruption("more than two fields");
  return row;
}

// Member `name` or `name`_hex of the object.
Status GetBytes(const nlohmann::json& object, const std::string& name, std::string* bytes) {
  const auto plain = object.find(name);
  const auto hex = object.find(name + "_hex");
  if ((plain == object.end()) == (hex == object.end())) {
    return Status::Corruption(fmt::format("needs either \"{0}\" or \"{0}_hex\"", name));
  }
  const nlohmann::json& member = plain != object.end() ? *plain : *hex;
  if (!member.is_string()) return Status::Corruption(fmt::format("\"{}\" is no string", name));
  *bytes = member.get<std::string>();
  if (plain != object.end()) return Status::Ok();
  auto decoded = FromHex(*bytes);
  if (!decoded.ok()) return Status::Corruption(std::string(decoded.status().message()));
  *bytes = std::move(*decoded);
  return Status::Ok();
}

Result<Row> ParseJson(std::string_view line) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return Status::Corruption("no JSON object");
  Row row;
  LSM_RETURN_IF_ERROR(GetBytes(object, "key", &row.key));
  LSM_RETURN_IF_ERROR(GetBytes(object, "value", &row.value));
  if (object.size() != 2) return Status::Corruption("members besides key and value");
  return row;
}

}  // namespace

std::string ToHex(std::string_view bytes) {
  if (bytes.empty()) return std::string(kEmpty);
  std::string digits;
  for (const char c : bytes) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return digits;
}

Result<std::string> FromHex(std::string_view digits) {
  std::string bytes;
  if (digits == kEmpty) return bytes;
  if (digits.size() % 2 != 0) {
    return Status::InvalidArgument(fmt::format("odd number of digits in '{}'", digits));
  }
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexDigit(digits[i]);
    const int low = HexDigit(digits[i + 1]);
    if (high < 0 || low < 0) {
      return Status::InvalidArgument(fmt::format("bad hex at position {} of '{}'", i, digits));
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

void SetBytes(std::string_view name, std::string_view bytes, bool hex, nlohmann::json* object) {
  if (hex || !IsUtf8(bytes)) {
    (*object)[fmt::format("{}_hex", name)] = bytes.empty() ? std::string() : ToHex(bytes);
  } else {
    (*object)[std::string(name)] = bytes;
  }
}

std::string PrintRow(PrintFormat format, std::string_view key, std::string_view value) {
  switch (format) {
    case PrintFormat::kEscaped:
      return Escape(key) + " " + Escape(value);
    case PrintFormat::kHex:
      return ToHex(key) + " " + ToHex(value);
    case PrintFormat::kTsv:
      return TsvField(key) + "\t" + TsvField(value);
    case PrintFormat::kJsonl:
    case PrintFormat::kJsonlHex:
      break;
  }
  nlohmann::json object;
  SetBytes("key", key, format == PrintFormat::kJsonlHex, &object);
  SetBytes("value", value, format == PrintFormat::kJsonlHex, &object);
  return object.dump();
}

Result<Row> ParseRow(LoadFormat format, std::string_view record) {
  if (!record.empty() && record.back() == '\r') record.remove_suffix(1);
  if (record.empty()) return Status::Corruption("an empty line");
  switch (format) {
    case LoadFormat::kCsv:
      return ParseCsv(record);
    case LoadFormat::kTsv:
      return ParseTsv(record);
    case LoadFormat::kJsonl:
      break;
  }
  return ParseJson(record);
}

bool CsvGoesOn(std::string_view record) {
  return std::count(record.begin(), record.end(), '"') % 2 != 0;
}

}  // namespace lsm::cli
