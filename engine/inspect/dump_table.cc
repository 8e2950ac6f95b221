// Tables are shown in the order in which a reader finds its way: footer, metaindex and what it
// names, index, data blocks.
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/coding.h"
#include "format/codec.h"
#include "inspect/annotator.h"
#include "inspect/dump.h"
#include "inspect/table_layout.h"

namespace lsm {
namespace {

using inspect::Annotator;
using inspect::BlockHandle;
using inspect::InternalKeyText;
using inspect::kFooterBytes;
using inspect::kMagicBytes;
using inspect::kTableMagic;
using inspect::Text;

std::string HandleText(const BlockHandle& handle) {
  return fmt::format("block at {:08x}, {} bytes", handle.offset, handle.size);
}

enum class BlockKind { kData, kIndex, kMetaindex };

// What a block's keys name.
using Entries = std::vector<std::pair<std::string, BlockHandle>>;

class TableDump {
 public:
  explicit TableDump(Annotator* out) : out_(out), bytes_(out->bytes()) {}

  // True if nothing is wrong.
  bool Run() {
    if (bytes_.size() < kFooterBytes) {
      out_->Note(0, fmt::format("end: {} bytes are no table", bytes_.size()));
      return false;
    }
    BlockHandle metaindex, index;
    if (Footer(&metaindex, &index)) {
      Entries named, data;
      DumpBlock("metaindex", metaindex, BlockKind::kMetaindex, &named);
      for (const auto& [name, handle] : named) DumpRaw(name, handle);
      DumpBlock("index", index, BlockKind::kIndex, &data);
      Entries none;
      for (const auto& [key, handle] : data) DumpBlock("data", handle, BlockKind::kData, &none);
    }
    out_->Note(0, problems_ == 0 ? "end: clean"
                  : footer_ok_   ? fmt::format("end: problems: {}", problems_)
                                 : "end: this is no table");
    return problems_ == 0;
  }

 private:
  void Problem(int depth, std::string_view text) {
    ++problems_;
    out_->Note(depth, fmt::format("BAD {}", text));
  }

  bool Footer(BlockHandle* metaindex, BlockHandle* index) {
    const uint64_t begin = bytes_.size() - kFooterBytes;
    const uint64_t magic_at = bytes_.size() - kMagicBytes;
    std::string_view rest = bytes_.substr(begin, kFooterBytes - kMagicBytes);
    out_->Note(0, "footer");
    for (const auto& [name, handle] : {std::pair("metaindex", metaindex), {"index", index}}) {
      const uint64_t at = magic_at - rest.size();
      if (!handle->TakeFrom(&rest)) {
        Problem(0, fmt::format("handle of the {}", name));
        footer_ok_ = false;
        return false;
      }
      out_->Field(at, magic_at - rest.size() - at,
                  fmt::format("{}: {}", name, HandleText(*handle)));
    }
    if (!rest.empty()) out_->Field(magic_at - rest.size(), rest.size(), "padding");
    const bool magic_ok = DecodeFixed64(bytes_.data() + magic_at) == kTableMagic;
    out_->Field(magic_at, kMagicBytes, magic_ok ? "magic, ok" : "magic, BAD");
    if (!magic_ok) {
      ++problems_;
      footer_ok_ = false;
    }
    return true;
  }

  // Title, and the stored contents; false if the handle leaves the file.
  bool Find(std::string_view title, const BlockHandle& handle, std::string_view* stored) {
    out_->Note(0, fmt::format("{} {}", title, HandleText(handle)));
    if (!handle.FitsIn(bytes_.size() - kFooterBytes)) {
      Problem(1, "handle: not in the file");
      return false;
    }
    *stored = bytes_.substr(handle.offset, handle.size);
    return true;
  }

  Compression Trailer(const BlockHandle& handle) {
    const uint64_t at = handle.offset + handle.size;
    const auto codec = static_cast<Compression>(bytes_[at]);
    out_->Field(at, 1,
                fmt::format("compression {}", IsCodec(codec) ? CodecName(codec) : "unknown"));
    if (!out_->Checksum(at + 1, bytes_.substr(handle.offset, handle.size + 1))) ++problems_;
    return codec;
  }

  void DumpRaw(std::string_view name, const BlockHandle& handle) {
    std::string_view stored;
    if (!Find(Text(name), handle, &stored)) return;
    if (!stored.empty()) out_->Field(handle.offset, stored.size(), "contents");
    Trailer(handle);
  }

  void DumpBlock(std::string_view title, const BlockHandle& handle, BlockKind kind,
                 Entries* entries) {
    std::string_view stored;
    if (!Find(title, handle, &stored)) return;
    if (!stored.empty()) out_->Field(handle.offset, stored.size(), "contents");
    const Compression codec = Trailer(handle);
    std::string contents;
    const Status status = Uncompress(codec, stored, &contents);
    if (!status.ok()) {
      Problem(1, fmt::format("compression: {}", status.message()));
      return;
    }
    if (codec != Compression::kNone)
      out_->Note(1, fmt::format("{} bytes uncompressed", contents.size()));
    DumpContents(contents, kind, entries);
  }

  void DumpContents(std::string_view contents, BlockKind kind, Entries* entries) {
    if (contents.size() < 4) return Problem(1, "block: no restart count");
    const uint64_t restarts = DecodeFixed32(contents.data() + contents.size() - 4);
    if (restarts > (contents.size() - 4) / 4) return Problem(1, "block: restart count");
    const uint64_t end = contents.size() - 4 - 4 * restarts;
    std::string_view rest = contents.substr(0, end);
    std::string key;
    while (!rest.empty()) {
      const uint64_t at = end - rest.size();
      if (!Entry(at, &rest, &key, kind, entries)) {
        Problem(1, fmt::format("entry at +{:04x}", at));
        break;
      }
    }
    std::string list;
    for (uint64_t i = 0; i < restarts; ++i) {
      list += fmt::format(" +{:04x}", DecodeFixed32(contents.data() + end + 4 * i));
    }
    out_->Note(1, fmt::format("+{:04x}  {} restarts:{}", end, restarts, list));
  }

  bool Entry(uint64_t at, std::string_view* rest, std::string* key, BlockKind kind,
             Entries* entries) {
    uint64_t shared = 0, unshared = 0, value_size = 0;
    if (!GetVarint64(rest, &shared) || !GetVarint64(rest, &unshared) ||
        !GetVarint64(rest, &value_size) || shared > key->size() || unshared > rest->size() ||
        value_size > rest->size() - unshared) {
      return false;
    }
    key->resize(shared);
    key->append(rest->substr(0, unshared));
    std::string_view value = rest->substr(unshared, value_size);
    rest->remove_prefix(unshared + value_size);
    std::string meaning = kind == BlockKind::kMetaindex ? Text(*key) : InternalKeyText(*key);
    if (kind == BlockKind::kData) {
      meaning += fmt::format(" = {}", Text(value));
    } else if (BlockHandle handle; handle.TakeFrom(&value)) {
      meaning += fmt::format(" -> {}", HandleText(handle));
      entries->emplace_back(*key, handle);
    } else {
      meaning += " -> BAD handle";
      ++problems_;
    }
    out_->Note(1, fmt::format("+{:04x}  shared {} unshared {} value {}: {}", at, shared, unshared,
                              value_size, meaning));
    return true;
  }

  Annotator* const out_;
  const std::string_view bytes_;
  uint64_t problems_ = 0;
  bool footer_ok_ = true;
};

}  // namespace

Result<bool> DumpTable(Env* env, const std::string& path, std::string* out) {
  LSM_ASSIGN_OR_RETURN(const std::string bytes, inspect::ReadFile(env, path));
  Annotator annotator(bytes, out);
  return TableDump(&annotator).Run();
}

}  // namespace lsm
