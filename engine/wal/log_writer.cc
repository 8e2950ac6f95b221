#include <stage/wal/log_writer.h>

#include <algorithm>

#include "base/check.h"
#include "base/coding.h"
#include "base/marks.h"

namespace lsm {

using wal::FragmentType;

Status LogWriter::Append(std::string_view record) {
  if (status_.ok()) status_ = WriteRecord(record);
  return status_;
}

Status LogWriter::Sync() {
  if (status_.ok()) status_ = file_->Sync();
  return status_;
}

Status LogWriter::WriteRecord(std::string_view record) {
  bool first = true;
  bool last = false;
  while (!last) {  // once at least: an empty record is a fragment too
    size_t left = kLogBlockBytes - size_ % kLogBlockBytes;
    if (left < kLogHeaderBytes) {
      static constexpr char kTrailer[kLogHeaderBytes - 1] = {};
      LSM_RETURN_IF_ERROR(Write({kTrailer, left}));
      left = kLogBlockBytes;
    }
    const size_t length = std::min(record.size(), left - kLogHeaderBytes);
    last = length == record.size();
    if (!last) LSM_MARK(wal_fragment_across_block);
    const FragmentType type = first ? (last ? FragmentType::kFull : FragmentType::kFirst)
                                    : (last ? FragmentType::kLast : FragmentType::kMiddle);
    LSM_RETURN_IF_ERROR(WriteFragment(type, record.substr(0, length)));
    record.remove_prefix(length);
    first = false;
  }
  return file_->Flush();
}

Status LogWriter::WriteFragment(FragmentType type, std::string_view payload) {
  static_assert(kLogBlockBytes <= 0xffff + kLogHeaderBytes, "the length has two bytes");
  LSM_DCHECK(size_ % kLogBlockBytes + kLogHeaderBytes + payload.size() <= kLogBlockBytes);
  char header[kLogHeaderBytes];
  EncodeFixed32(header, wal::FragmentChecksum(type, payload));
  header[4] = static_cast<char>(payload.size() & 0xff);
  header[5] = static_cast<char>(payload.size() >> 8);
  header[6] = static_cast<char>(type);
  LSM_RETURN_IF_ERROR(Write({header, sizeof(header)}));
  return Write(payload);
}

Status LogWriter::Write(std::string_view bytes) {
  size_ += bytes.size();
  return file_->Append(bytes);
}

}  // namespace lsm
