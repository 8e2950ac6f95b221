#include <cstdint>

#include <fmt/format.h>

#include "base/coding.h"
#include "inspect/dump.h"
#include "inspect/log_dump.h"

namespace lsm {
namespace {

using inspect::Annotator;
using inspect::InternalKeyText;
using inspect::Text;

// "<what> N" of a varint off the front of *rest; false if it is cut off.
bool Number(std::string_view what, std::string_view* rest, std::string* text) {
  uint64_t number = 0;
  if (!GetVarint64(rest, &number)) return false;
  *text += fmt::format("{} {}", what, number);
  return true;
}

bool InternalKey(std::string_view what, std::string_view* rest, std::string* text) {
  std::string_view key;
  if (!GetLengthPrefixed(rest, &key)) return false;
  *text += fmt::format("{}{}", what, InternalKeyText(key));
  return true;
}

// The operands of `tag` as text; false if they are cut off or the tag is unknown.
bool Operands(uint64_t tag, std::string_view* rest, std::string* text) {
  std::string_view name;
  switch (tag) {
    case 1:
      if (!GetLengthPrefixed(rest, &name)) return false;
      *text = fmt::format("comparator {}", Text(name));
      return true;
    case 2:
      return Number("log number", rest, text);
    case 3:
      return Number("next file number", rest, text);
    case 4:
      return Number("last sequence", rest, text);
    case 5:
      return Number("compact pointer: level", rest, text) && InternalKey(" key ", rest, text);
    case 6:
      return Number("remove: level", rest, text) && Number(" table", rest, text);
    case 7:
      return Number("add: level", rest, text) && Number(" table", rest, text) &&
             Number(" bytes", rest, text) && InternalKey(" from ", rest, text) &&
             InternalKey(" to ", rest, text);
    case 64:
      return Number("add: level", rest, text) && Number(" run", rest, text) &&
             Number(" table", rest, text) && Number(" bytes", rest, text) &&
             InternalKey(" from ", rest, text) && InternalKey(" to ", rest, text);
    case 9:
      return Number("previous log number", rest, text);
    case 65:
      return Number("codec of that table:", rest, text);
    default:
      return false;
  }
}

// False if the edit is damaged.
bool PrintEdit(std::string_view record, Annotator* out) {
  out->Note(1, fmt::format("edit of {} bytes", record.size()));
  std::string_view rest = record;
  while (!rest.empty()) {
    const size_t offset = record.size() - rest.size();
    uint64_t tag = 0;
    std::string text;
    const bool has_tag = GetVarint64(&rest, &tag);
    if (!has_tag || !Operands(tag, &rest, &text)) {
      out->Note(2, fmt::format("+{:04x}  tag {}  {}: BAD", offset, tag,
                               text.empty() ? "unknown or cut off" : text));
      return false;
    }
    out->Note(2, fmt::format("+{:04x}  tag {}  {}", offset, tag, text));
  }
  return true;
}

}  // namespace

Result<bool> DumpManifest(Env* env, const std::string& path, std::string* out) {
  LSM_ASSIGN_OR_RETURN(const std::string bytes, inspect::ReadFile(env, path));
  Annotator annotator(bytes, out);
  return inspect::DumpLog(PrintEdit, &annotator);
}

}  // namespace lsm
