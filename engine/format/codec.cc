#include "format/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "base/coding.h"

#ifdef LSM_HAVE_SNAPPY
#include <snappy.h>
#endif
#ifdef LSM_HAVE_LZ4
#include <lz4.h>
#endif
#ifdef LSM_HAVE_ZSTD
#include <zstd.h>
#endif

namespace lsm {
namespace {

// A build without codecs uses none of the first three.

// Makes room for the bytes that a header claims. `densest`: the most that one stored byte can be
// uncompressed to; a larger claim is damage.
[[maybe_unused]] Status Allocate(uint64_t claim, std::string_view stored, uint64_t densest,
                                 std::string* out) {
  if (claim > kMaxBlockBytes || claim / densest > stored.size()) {
    return Status::Corruption(fmt::format("claims {} bytes from {}", claim, stored.size()));
  }
  out->resize(claim);
  return Status::Ok();
}

[[maybe_unused]] Status DamagedHeader() { return Status::Corruption("bad length header"); }
[[maybe_unused]] Status DamagedContents() { return Status::Corruption("damaged contents"); }

Status Copy(std::string_view stored, std::string* out) {
  out->assign(stored);
  return Status::Ok();
}

#ifdef LSM_HAVE_SNAPPY
// Stored: Snappy's own format, which begins with the length.
void CompressSnappy(std::string_view raw, std::string* out) {
  snappy::Compress(raw.data(), raw.size(), out);
}

Status UncompressSnappy(std::string_view stored, std::string* out) {
  constexpr uint64_t kDensest = 64;  // a copy of 64 bytes takes 3
  size_t claim = 0;
  if (!snappy::GetUncompressedLength(stored.data(), stored.size(), &claim)) return DamagedHeader();
  LSM_RETURN_IF_ERROR(Allocate(claim, stored, kDensest, out));
  const bool ok = snappy::RawUncompress(stored.data(), stored.size(), out->data());
  return ok ? Status::Ok() : DamagedContents();
}
#endif

#ifdef LSM_HAVE_LZ4
// Stored: fixed64 length, then an LZ4 block, as RocksDB has it in tables with this footer.
void CompressLz4(std::string_view raw, std::string* out) {
  const int bound = LZ4_compressBound(static_cast<int>(raw.size()));
  out->clear();
  PutFixed64(out, raw.size());
  out->resize(sizeof(uint64_t) + static_cast<size_t>(bound));
  const int n = LZ4_compress_default(raw.data(), out->data() + sizeof(uint64_t),
                                     static_cast<int>(raw.size()), bound);
  out->resize(sizeof(uint64_t) + static_cast<size_t>(n));
}

Status UncompressLz4(std::string_view stored, std::string* out) {
  constexpr uint64_t kDensest = 255;  // a byte that prolongs a match
  if (stored.size() < sizeof(uint64_t)) return DamagedHeader();
  const uint64_t claim = DecodeFixed64(stored.data());
  stored.remove_prefix(sizeof(uint64_t));
  LSM_RETURN_IF_ERROR(Allocate(claim, stored, kDensest, out));
  const int n = LZ4_decompress_safe(stored.data(), out->data(), static_cast<int>(stored.size()),
                                    static_cast<int>(claim));
  return n >= 0 && static_cast<uint64_t>(n) == claim ? Status::Ok() : DamagedContents();
}
#endif

#ifdef LSM_HAVE_ZSTD
// Contexts are large and slow to make: one a thread.
ZSTD_CCtx* Compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                                ZSTD_freeCCtx);
  return context.get();
}
ZSTD_DCtx* Decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                                ZSTD_freeDCtx);
  return context.get();
}

// Stored: varint32 length, then a Zstandard frame, as RocksDB has it.
void CompressZstd(std::string_view raw, std::string* out) {
  out->clear();
  PutVarint32(out, static_cast<uint32_t>(raw.size()));
  const size_t header = out->size();
  const size_t bound = ZSTD_compressBound(raw.size());
  out->resize(header + bound);
  const size_t n = ZSTD_compressCCtx(Compressor(), out->data() + header, bound, raw.data(),
                                     raw.size(), ZSTD_CLEVEL_DEFAULT);
  // What cannot be compressed is not smaller than `raw`, and stored raw.
  out->resize(ZSTD_isError(n) != 0 ? header + bound : header + n);
}

Status UncompressZstd(std::string_view stored, std::string* out) {
  constexpr uint64_t kDensest = (128 << 10) / 4;  // a run of 128 KiB takes 4 bytes
  uint32_t claim = 0;
  if (!GetVarint32(&stored, &claim)) return DamagedHeader();
  LSM_RETURN_IF_ERROR(Allocate(claim, stored, kDensest, out));
  const size_t n =
      ZSTD_decompressDCtx(Decompressor(), out->data(), claim, stored.data(), stored.size());
  return ZSTD_isError(n) == 0 && n == claim ? Status::Ok() : DamagedContents();
}
#endif

struct Codec {
  Compression id;
  // Null if this build lacks the codec; `none` has nothing to compress with.
  void (*compress)(std::string_view raw, std::string* out);
  Status (*uncompress)(std::string_view stored, std::string* out);
};

constexpr Codec kCodecs[] = {
    {Compression::kNone, nullptr, Copy},
#ifdef LSM_HAVE_SNAPPY
    {Compression::kSnappy, CompressSnappy, UncompressSnappy},
#endif
#ifdef LSM_HAVE_LZ4
    {Compression::kLz4, CompressLz4, UncompressLz4},
#endif
#ifdef LSM_HAVE_ZSTD
    {Compression::kZstd, CompressZstd, UncompressZstd},
#endif
};

// Null if this build lacks it.
const Codec* Find(Compression id) {
  for (const Codec& codec : kCodecs) {
    if (codec.id == id) return &codec;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> AvailableCodecNames() {
  std::vector<std::string> names;
  for (const NamedCodec& known : kCodecNames) {
    if (CodecAvailable(known.codec)) names.emplace_back(known.name);
  }
  return names;
}

std::string CodecName(Compression codec) {
  for (const NamedCodec& known : kCodecNames) {
    if (known.codec == codec) return std::string(known.name);
  }
  return fmt::format("compression {}", static_cast<int>(codec));
}

bool CodecOfName(std::string_view name, Compression* codec) {
  for (const NamedCodec& known : kCodecNames) {
    if (known.name != name) continue;
    *codec = known.codec;
    return true;
  }
  return false;
}

bool IsCodec(Compression codec) {
  return std::any_of(std::begin(kCodecNames), std::end(kCodecNames),
                     [codec](const NamedCodec& known) { return known.codec == codec; });
}

bool CodecAvailable(Compression codec) { return Find(codec) != nullptr; }

bool LevelDbReads(Compression codec) {
  return codec == Compression::kNone || codec == Compression::kSnappy;
}

bool Compress(Compression codec, std::string_view raw, std::string* out) {
  const Codec* const found = Find(codec);
  if (found == nullptr || found->compress == nullptr || raw.size() > kMaxBlockBytes) return false;
  found->compress(raw, out);
  return out->size() < raw.size() - raw.size() / 8;
}

Status Uncompress(Compression codec, std::string_view stored, std::string* out) {
  const Codec* const found = Find(codec);
  if (found == nullptr) return Status::NotSupported(CodecName(codec) + " is not in this build");
  const Status s = found->uncompress(stored, out);
  return s.ok() ? s : Status(s.code(), fmt::format("{}: {}", CodecName(codec), s.message()));
}

}  // namespace lsm
