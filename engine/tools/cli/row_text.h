// Key-value pairs as lines of text, and back: what `lsm scan` prints and `lsm load` reads. Formats
// with examples: docs/lsm.md.
//
//   escaped   KEY VALUE        both escaped, as on the command line
//   hex       KEY VALUE        both as hex digits; "" stands for no bytes
//   tsv       KEY TAB VALUE    backslash, double quote, tab, newline and return escaped by a
//                              backslash, other bytes as they are
//   csv       KEY,VALUE        RFC 4180; in only
//   jsonl     {"key": "...", "value": "..."}; bytes that are no UTF-8 stand as "key_hex",
//             "value_hex"
// What tsv and jsonl print reads back as the same bytes. Pure functions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "lsm/status.h"

namespace lsm::cli {

struct Row {
  std::string key, value;
};

enum class PrintFormat : uint8_t { kEscaped, kHex, kTsv, kJsonl, kJsonlHex };
enum class LoadFormat : uint8_t { kCsv, kTsv, kJsonl };

std::string ToHex(std::string_view bytes);
Result<std::string> FromHex(std::string_view digits);

// Sets object[name], or object[name + "_hex"] if the bytes are no UTF-8 or `hex` asks for it.
void SetBytes(std::string_view name, std::string_view bytes, bool hex, nlohmann::json* object);

// Without a newline.
std::string PrintRow(PrintFormat format, std::string_view key, std::string_view value);

// `record` is one line, for csv also several, without the last newline. Corruption says what is
// wrong with it.
Result<Row> ParseRow(LoadFormat format, std::string_view record);

// True if a csv record goes on in the next line: a quote is open.
bool CsvGoesOn(std::string_view record);

}  // namespace lsm::cli
