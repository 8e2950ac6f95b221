#include <cstdint>

#include <fmt/format.h>

#include "base/coding.h"
#include "inspect/dump.h"
#include "inspect/log_dump.h"

namespace lsm {
namespace {

using inspect::Annotator;
using inspect::Text;

constexpr size_t kBatchHeaderBytes = 12;  // fixed64 sequence, fixed32 count

// One update off the front of *rest; false if it is damaged.
bool PrintUpdate(uint64_t sequence, std::string_view* rest, Annotator* out) {
  const char type = rest->front();
  rest->remove_prefix(1);
  std::string_view key, value;
  if (type != 0 && type != 1) return false;
  if (!GetLengthPrefixed(rest, &key)) return false;
  if (type == 1 && !GetLengthPrefixed(rest, &value)) return false;
  out->Note(2, type == 1 ? fmt::format("{} put {} = {}", sequence, Text(key), Text(value))
                         : fmt::format("{} delete {}", sequence, Text(key)));
  return true;
}

// False if the batch is damaged.
bool PrintBatch(std::string_view record, Annotator* out) {
  if (record.size() < kBatchHeaderBytes) {
    out->Note(1, fmt::format("BAD batch: {} bytes are no header", record.size()));
    return false;
  }
  const uint64_t sequence = DecodeFixed64(record.data());
  const uint32_t count = DecodeFixed32(record.data() + 8);
  std::string_view rest = record.substr(kBatchHeaderBytes);
  const bool proof = count == 0 && rest.empty();
  out->Note(1, fmt::format("batch sequence {} count {}{}", sequence, count,
                           proof ? ": what was written before is synced" : ""));
  uint64_t updates = 0;
  for (; !rest.empty(); ++updates) {
    const size_t offset = record.size() - rest.size();
    if (!PrintUpdate(sequence + updates, &rest, out)) {
      out->Note(2, fmt::format("BAD update at byte {} of the batch", offset));
      return false;
    }
  }
  if (updates != count) out->Note(2, fmt::format("BAD count: found {} updates", updates));
  return updates == count;
}

}  // namespace

Result<bool> DumpWal(Env* env, const std::string& path, std::string* out) {
  LSM_ASSIGN_OR_RETURN(const std::string bytes, inspect::ReadFile(env, path));
  Annotator annotator(bytes, out);
  return inspect::DumpLog(PrintBatch, &annotator);
}

}  // namespace lsm
