#include <stage/wal/fragment.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "contract/wal/concept.h"

namespace lsm::wal {

uint32_t FragmentChecksum(FragmentType type, std::string_view payload) {
  const char byte = static_cast<char>(type);
  return crc32c::Mask(crc32c::Extend(crc32c::Value({&byte, 1}), payload));
}

const char* ParseFragment(std::string_view block, size_t pos, Fragment* fragment) {
  const std::string_view rest = block.substr(pos);
  if (rest.size() < kLogHeaderBytes) return "header cut off";

  const size_t length = static_cast<uint8_t>(rest[4]) | static_cast<uint8_t>(rest[5]) << 8;
  const auto type = static_cast<uint8_t>(rest[6]);
  if (type == 0) return "type 0";
  if (type > static_cast<uint8_t>(FragmentType::kLast)) return "unknown type";
  const size_t end = pos + kLogHeaderBytes + length;
  if (end > kLogBlockBytes) return "length beyond the block";
  if (end > block.size()) return "payload cut off";

  fragment->type = static_cast<FragmentType>(type);
  fragment->payload = rest.substr(kLogHeaderBytes, length);
  const bool goes_on =
      fragment->type == FragmentType::kFirst || fragment->type == FragmentType::kMiddle;
  if (goes_on && end != kLogBlockBytes) return "split before the end of the block";
  if (FragmentChecksum(fragment->type, fragment->payload) != DecodeFixed32(rest.data())) {
    return "checksum mismatch";
  }
  return nullptr;
}

}  // namespace lsm::wal
