#include <stage/version/edit_codec.h>

#include <fmt/format.h>

#include "base/coding.h"

namespace lsm {
namespace {

// On disk in every manifest: never change the numbers. 8 was used by a format that is long gone.
enum Tag : uint32_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kCompactPointer = 5,
  kRemovedFile = 6,
  kNewFile = 7,
  kPrevLogNumber = 9,
  // Ours: LevelDB and RocksDB know no such tags and refuse the manifest.
  kNewFileInRun = 64,
  kCodec = 65,
};

// Takes checked operands off the front of an edit; `what` names them in messages.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  bool Done() const { return rest_.empty(); }

  Status ReadTag(uint32_t* tag) {
    return GetVarint32(&rest_, tag) ? Status::Ok() : Bad("tag", "is cut off or too large");
  }
  Status ReadNumber(std::string_view what, uint64_t max, uint64_t* number) {
    const std::string_view before = rest_;
    if (!GetVarint64(&rest_, number)) return Bad(what, "is cut off or too large");
    if (*number <= max) return Status::Ok();
    rest_ = before;
    return Bad(what, fmt::format("is {}, above {}", *number, max));
  }
  Status ReadLevel(std::string_view what, int* level) {
    uint64_t number = 0;
    LSM_RETURN_IF_ERROR(ReadNumber(what, kMaxLevels - 1, &number));
    *level = static_cast<int>(number);
    return Status::Ok();
  }
  Status ReadString(std::string_view what, std::string* out) {
    std::string_view bytes;
    if (!GetLengthPrefixed(&rest_, &bytes)) return Bad(what, "is cut off");
    out->assign(bytes);
    return Status::Ok();
  }
  Status ReadInternalKey(std::string_view what, std::string* key) {
    const std::string_view before = rest_;
    LSM_RETURN_IF_ERROR(ReadString(what, key));
    ParsedInternalKey parsed;
    if (ParseInternalKey(*key, &parsed)) return Status::Ok();
    rest_ = before;
    return Bad(what, "is no internal key");
  }
  Status Bad(std::string_view what, std::string_view why) const {
    return Status::Corruption(
        fmt::format("version edit: {} at byte {} {}", what, size_ - rest_.size(), why));
  }

 private:
  std::string_view rest_;
  size_t size_;
};

Status ReadOptional(FieldReader* in, std::string_view what, uint64_t max,
                    std::optional<uint64_t>* out) {
  uint64_t number = 0;
  LSM_RETURN_IF_ERROR(in->ReadNumber(what, max, &number));
  *out = number;
  return Status::Ok();
}

Status ReadNewFile(uint32_t tag, FieldReader* in, VersionEdit* edit) {
  auto& [level, file] = edit->added.emplace_back();
  LSM_RETURN_IF_ERROR(in->ReadLevel("level of a new file", &level));
  if (tag == kNewFileInRun) {
    LSM_RETURN_IF_ERROR(in->ReadNumber("run of a new file", kFileNumberLimit - 1, &file.run));
  }
  LSM_RETURN_IF_ERROR(in->ReadNumber("number of a new file", kFileNumberLimit - 1, &file.number));
  if (tag == kNewFile) file.run = DefaultRun(level, file.number);
  LSM_RETURN_IF_ERROR(in->ReadNumber("size of a new file", UINT64_MAX, &file.bytes));
  LSM_RETURN_IF_ERROR(in->ReadInternalKey("smallest key of a new file", &file.smallest));
  return in->ReadInternalKey("largest key of a new file", &file.largest);
}

// Of the new file before it.
Status ReadCodec(FieldReader* in, VersionEdit* edit) {
  uint64_t codec = 0;
  LSM_RETURN_IF_ERROR(in->ReadNumber("codec", UINT8_MAX, &codec));
  if (edit->added.empty()) return in->Bad("codec", "belongs to no new file");
  edit->added.back().second.compression = static_cast<Compression>(codec);
  return Status::Ok();
}

Status ReadRemovedFile(FieldReader* in, VersionEdit* edit) {
  auto& [level, number] = edit->removed.emplace_back();
  LSM_RETURN_IF_ERROR(in->ReadLevel("level of a removed file", &level));
  return in->ReadNumber("number of a removed file", kFileNumberLimit - 1, &number);
}

Status ReadCompactPointer(FieldReader* in, VersionEdit* edit) {
  auto& [level, key] = edit->compact_pointers.emplace_back();
  LSM_RETURN_IF_ERROR(in->ReadLevel("level of a compact pointer", &level));
  return in->ReadInternalKey("key of a compact pointer", &key);
}

// Only LevelDB writes it, and in each of its edits but the very first.
Status ReadPrevLogNumber(FieldReader* in, VersionEdit* edit) {
  uint64_t number = 0;
  LSM_RETURN_IF_ERROR(in->ReadNumber("previous log number", UINT64_MAX, &number));
  edit->sequence_runs_ahead = true;
  if (number == 0) return Status::Ok();
  return Status::NotSupported(
      fmt::format("version edit: previous log number {}: two live logs", number));
}

Status ReadField(uint32_t tag, FieldReader* in, VersionEdit* edit) {
  switch (tag) {
    case kComparator:
      return in->ReadString("comparator", &edit->comparator.emplace());
    case kLogNumber:
      return ReadOptional(in, "log number", kFileNumberLimit - 1, &edit->log_number);
    case kNextFileNumber:
      return ReadOptional(in, "next file number", kFileNumberLimit, &edit->next_file_number);
    case kLastSequence:
      return ReadOptional(in, "last sequence", kMaxSequence, &edit->last_sequence);
    case kCompactPointer:
      return ReadCompactPointer(in, edit);
    case kRemovedFile:
      return ReadRemovedFile(in, edit);
    case kNewFile:
    case kNewFileInRun:
      return ReadNewFile(tag, in, edit);
    case kPrevLogNumber:
      return ReadPrevLogNumber(in, edit);
    case kCodec:
      return ReadCodec(in, edit);
    default:
      return in->Bad("field", fmt::format("follows the unknown tag {}", tag));
  }
}

void PutNumber(std::string* out, Tag tag, const std::optional<uint64_t>& number) {
  if (!number.has_value()) return;
  PutVarint32(out, tag);
  PutVarint64(out, *number);
}

void PutTagAndLevel(std::string* out, Tag tag, int level) {
  PutVarint32(out, tag);
  PutVarint32(out, static_cast<uint32_t>(level));
}

}  // namespace

void EncodeEdit(const VersionEdit& edit, std::string* out) {
  if (edit.comparator.has_value()) {
    PutVarint32(out, kComparator);
    PutLengthPrefixed(out, *edit.comparator);
  }
  PutNumber(out, kLogNumber, edit.log_number);
  PutNumber(out, kNextFileNumber, edit.next_file_number);
  PutNumber(out, kLastSequence, edit.last_sequence);
  if (edit.sequence_runs_ahead) PutNumber(out, kPrevLogNumber, 0);
  for (const auto& [level, key] : edit.compact_pointers) {
    PutTagAndLevel(out, kCompactPointer, level);
    PutLengthPrefixed(out, key);
  }
  for (const auto& [level, number] : edit.removed) {
    PutTagAndLevel(out, kRemovedFile, level);
    PutVarint64(out, number);
  }
  for (const auto& [level, file] : edit.added) {
    const bool is_default = file.run == DefaultRun(level, file.number);
    PutTagAndLevel(out, is_default ? kNewFile : kNewFileInRun, level);
    if (!is_default) PutVarint64(out, file.run);
    PutVarint64(out, file.number);
    PutVarint64(out, file.bytes);
    PutLengthPrefixed(out, file.smallest);
    PutLengthPrefixed(out, file.largest);
    if (file.compression == Compression::kNone) continue;
    PutVarint32(out, kCodec);
    PutVarint32(out, static_cast<uint32_t>(file.compression));
  }
}

Status DecodeEdit(std::string_view bytes, VersionEdit* edit) {
  *edit = VersionEdit();
  FieldReader in(bytes);
  while (!in.Done()) {
    uint32_t tag = 0;
    LSM_RETURN_IF_ERROR(in.ReadTag(&tag));
    LSM_RETURN_IF_ERROR(ReadField(tag, &in, edit));
  }
  return Status::Ok();
}

}  // namespace lsm
