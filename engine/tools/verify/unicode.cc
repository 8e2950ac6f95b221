#include "tools/verify/unicode.h"

#include <algorithm>

#include "format/codec.h"
#include "testing/files.h"
#include "testing/sim/random.h"

namespace lsm::lab {

Result<Records> LoadUnicode() {
  LSM_ASSIGN_OR_RETURN(const std::string text, LoadText(kUnicodeFile));
  Records records;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    const size_t semicolon = line.find(';');
    if (semicolon == std::string_view::npos) {
      return Status::Corruption(std::string(kUnicodeFile) + ": a line without ';'");
    }
    records.emplace_back(line.substr(0, semicolon), line.substr(semicolon + 1));
    at = end + 1;
  }
  return records;
}

std::string UnicodeVariant::Name() const {
  return std::string(shuffled ? "shuffled" : "ordered") +
         (io == IoMode::kMapped ? "-mapped" : "-plain");
}

std::string UnicodeVariant::Directory(const VerifyOptions& options) const {
  return options.out + "/unicode-" + Name();
}

std::vector<UnicodeVariant> UnicodeVariants(const VerifyOptions& options) {
  if (options.effort == Effort::kQuick) return {{true, IoMode::kMapped}, {false, IoMode::kPlain}};
  return {{false, IoMode::kMapped},
          {false, IoMode::kPlain},
          {true, IoMode::kMapped},
          {true, IoMode::kPlain}};
}

std::vector<Update> UnicodeUpdates(Records records, const UnicodeVariant& variant, uint64_t seed) {
  sim::Random random(seed);
  if (variant.shuffled) {
    for (size_t i = records.size(); i > 1; --i) {
      std::swap(records[i - 1], records[random.Below(i)]);
    }
  }
  std::vector<Update> updates;
  for (const auto& [key, value] : records) updates.push_back({key, value});
  for (const auto& [key, value] : records) {
    const uint64_t draw = random.Below(16);
    if (draw < 2) updates.push_back({key, "again;" + value});
    if (draw == 2) updates.push_back({key, std::nullopt});
  }
  return updates;
}

Contents ContentsAfter(const std::vector<Update>& updates) {
  Contents contents;
  for (const Update& update : updates) {
    if (update.value.has_value()) {
      contents[update.key] = *update.value;
    } else {
      contents.erase(update.key);
    }
  }
  return contents;
}

Options UnicodeOptions(const UnicodeVariant& variant) {
  Options options;
  options.create_if_missing = true;
  options.memtable_bytes = 256 << 10;
  options.max_file_bytes = 128 << 10;
  options.level1_bytes = 512 << 10;
  options.block_cache_bytes = 256 << 10;
  options.wal_io = options.read_io = variant.io;
  if (!CodecAvailable(options.compression)) options.compression = Compression::kNone;
  return options;
}

}  // namespace lsm::lab
