#include "format/codec.h"

#ifdef LSM_HAVE_SNAPPY
#include <snappy.h>
#endif

namespace lsm {

bool CodecAvailable(Compression codec) {
#ifdef LSM_HAVE_SNAPPY
  if (codec == Compression::kSnappy) return true;
#endif
  return codec == Compression::kNone;
}

bool Compress(Compression codec, std::string_view raw, std::string* out) {
#ifdef LSM_HAVE_SNAPPY
  if (codec == Compression::kSnappy) {
    snappy::Compress(raw.data(), raw.size(), out);
    return out->size() < raw.size() - raw.size() / 8;
  }
#endif
  (void)codec, (void)raw, (void)out;
  return false;
}

Status Uncompress(Compression codec, std::string_view stored, std::string* out) {
  if (codec == Compression::kNone) {
    out->assign(stored);
    return Status::Ok();
  }
#ifdef LSM_HAVE_SNAPPY
  if (codec == Compression::kSnappy) {
    size_t size = 0;
    if (!snappy::GetUncompressedLength(stored.data(), stored.size(), &size)) {
      return Status::Corruption("snappy: bad length header");
    }
    // Snappy's densest element makes 64 bytes out of 3; a larger claim is damage.
    if (size > kMaxBlockBytes || size / 64 > stored.size()) {
      return Status::Corruption("snappy: claims " + std::to_string(size) + " bytes from " +
                                std::to_string(stored.size()));
    }
    out->resize(size);
    if (!snappy::RawUncompress(stored.data(), stored.size(), out->data())) {
      return Status::Corruption("snappy: damaged contents");
    }
    return Status::Ok();
  }
#endif
  return Status::NotSupported("compression " + std::to_string(static_cast<int>(codec)) +
                              " is not in this build");
}

}  // namespace lsm
