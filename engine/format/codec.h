// Block codecs: given to the sstable stage, not part of it. Optional at build time.
#pragma once

#include <string>
#include <string_view>

#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

// True if this build has the codec.
bool CodecAvailable(Compression codec);

// Compresses `raw` into *out and returns true; false if it does not save at least 1/8 or the codec
// is missing: the block is then stored as it is.
bool Compress(Compression codec, std::string_view raw, std::string* out);

// Upper bound on the uncompressed size of a block: a header that claims more is damage, not a
// reason to allocate.
inline constexpr size_t kMaxBlockBytes = kMaxValueBytes + kMaxKeyBytes + (size_t{1} << 20);

// Corruption if `stored` is no output of the codec; NotSupported, naming it, if it is missing here.
Status Uncompress(Compression codec, std::string_view stored, std::string* out);

}  // namespace lsm
