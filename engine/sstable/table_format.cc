#include <stage/sstable/table_format.h>

#include "base/crc32c.h"

namespace lsm::table_format {

void BlockHandle::AppendTo(std::string* dst) const {
  PutVarint64(dst, offset);
  PutVarint64(dst, size);
}

bool BlockHandle::TakeFrom(std::string_view* input) {
  return GetVarint64(input, &offset) && GetVarint64(input, &size);
}

bool BlockHandle::FitsIn(uint64_t limit) const {
  return limit >= kTrailerBytes && size <= limit - kTrailerBytes &&
         offset <= limit - kTrailerBytes - size;
}

std::string Footer::Encode() const {
  std::string bytes;
  metaindex.AppendTo(&bytes);
  index.AppendTo(&bytes);
  bytes.resize(2 * kMaxHandleBytes);
  PutFixed64(&bytes, kMagic);
  return bytes;
}

bool Footer::Decode(std::string_view bytes) {
  return bytes.size() == kFooterBytes &&
         DecodeFixed64(bytes.data() + 2 * kMaxHandleBytes) == kMagic &&
         metaindex.TakeFrom(&bytes) && index.TakeFrom(&bytes);
}

std::string EncodeTrailer(std::string_view stored, Compression type) {
  std::string trailer(1, static_cast<char>(type));
  PutFixed32(&trailer, crc32c::Mask(crc32c::Extend(crc32c::Value(stored), trailer)));
  return trailer;
}

bool ChecksumMatches(std::string_view stored_and_trailer) {
  const size_t covered = stored_and_trailer.size() - sizeof(uint32_t);
  return crc32c::Unmask(DecodeFixed32(stored_and_trailer.data() + covered)) ==
         crc32c::Value(stored_and_trailer.substr(0, covered));
}

}  // namespace lsm::table_format
