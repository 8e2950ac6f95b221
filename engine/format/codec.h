// Block codecs: given to the sstable stage, not part of it. Each is optional at build time. Stored
// forms: docs/formats/sstable.md. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

struct NamedCodec {
  std::string_view name;
  Compression codec;
};
// All that there are, those that this build lacks included.
inline constexpr NamedCodec kCodecNames[] = {{"none", Compression::kNone},
                                             {"snappy", Compression::kSnappy},
                                             {"lz4", Compression::kLz4},
                                             {"zstd", Compression::kZstd}};

// Names of those that this build has.
std::vector<std::string> AvailableCodecNames();

// "none", "snappy", "lz4", "zstd"; for any other number "compression N".
std::string CodecName(Compression codec);
bool CodecOfName(std::string_view name, Compression* codec);

bool IsCodec(Compression codec);         // false: no number of a codec
bool CodecAvailable(Compression codec);  // true if this build has the codec
bool LevelDbReads(Compression codec);    // LevelDB 1.23; tables with another one need a mark

// Compresses `raw` into *out and returns true; false if it does not save at least 1/8 or the codec
// is missing: the block is then stored as it is.
bool Compress(Compression codec, std::string_view raw, std::string* out);

// Upper bound on the uncompressed size of a block: a header that claims more is damage, not a
// reason to allocate.
inline constexpr size_t kMaxBlockBytes = kMaxValueBytes + kMaxKeyBytes + (size_t{1} << 20);

// Corruption if `stored` is no output of the codec; NotSupported, naming it, if it is missing here.
// What a header claims is allocated only if the stored bytes can hold so much.
Status Uncompress(Compression codec, std::string_view stored, std::string* out);

}  // namespace lsm
