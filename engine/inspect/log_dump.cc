#include "inspect/log_dump.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/crc32c.h"

namespace lsm::inspect {
namespace {

constexpr uint64_t kBlockBytes = 32768;
constexpr uint64_t kHeaderBytes = 7;  // checksum, length, type

enum Type : uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

const char* TypeName(uint8_t type) {
  constexpr const char* kNames[] = {"ZERO", "FULL", "FIRST", "MIDDLE", "LAST"};
  return type <= kLast ? kNames[type] : "unknown";
}

class LogDump {
 public:
  LogDump(const RecordPrinter& print, Annotator* out)
      : print_(print), out_(out), bytes_(out->bytes()) {}

  // True if nothing is wrong.
  bool Run() {
    while (pos_ < bytes_.size() && !AtFinalZeros()) {
      const uint64_t left = BlockEnd(pos_) - pos_;
      if (BlockEnd(pos_) % kBlockBytes == 0 && left < kHeaderBytes) {
        out_->Field(pos_, left, "block trailer");
        pos_ += left;
      } else if (left < kHeaderBytes) {
        out_->Field(pos_, left, "header, cut off");
        Bad("record cut off");
      } else {
        Fragment();
      }
    }
    if (in_record_) Bad("record cut off");
    End();
    return bad_.empty() && undecodable_ == 0;
  }

 private:
  // Where the block of `pos` ends: on the grid, or with the file.
  uint64_t BlockEnd(uint64_t pos) const {
    return std::min<uint64_t>(bytes_.size(), (pos / kBlockBytes + 1) * kBlockBytes);
  }
  uint64_t LengthAt(uint64_t pos) const {
    return static_cast<uint8_t>(bytes_[pos + 4]) | uint64_t{static_cast<uint8_t>(bytes_[pos + 5])}
                                                       << 8;
  }
  uint8_t TypeAt(uint64_t pos) const { return static_cast<uint8_t>(bytes_[pos + 6]); }

  // What is wrong with the fragment whose header begins at `pos`; null if nothing.
  const char* Problem(uint64_t pos) const {
    const uint8_t type = TypeAt(pos);
    if (pos + kHeaderBytes + LengthAt(pos) > BlockEnd(pos)) {
      return BlockEnd(pos) == bytes_.size() ? "record cut off" : "length beyond the block";
    }
    if (type < kFull || type > kLast) return "unknown type";
    const std::string_view covered = bytes_.substr(pos + 6, 1 + LengthAt(pos));
    const bool ok = DecodeFixed32(bytes_.data() + pos) == crc32c::Mask(crc32c::Value(covered));
    return ok ? nullptr : "checksum mismatch";
  }

  bool AtFinalZeros() {
    if (bytes_.find_first_not_of('\0', pos_) != std::string_view::npos) return false;
    out_->Field(pos_, bytes_.size() - pos_, fmt::format("{} zeros", bytes_.size() - pos_));
    pos_ = bytes_.size();
    return true;
  }

  void Fragment() {
    const uint64_t length = LengthAt(pos_);
    const uint8_t type = TypeAt(pos_);
    const bool fits = pos_ + kHeaderBytes + length <= BlockEnd(pos_);
    if (fits) {
      out_->Checksum(pos_, bytes_.substr(pos_ + 6, 1 + length));
    } else {
      out_->Field(pos_, 4, "checksum");
    }
    out_->Field(pos_ + 4, 2,
                fmt::format("length {}{}", length, fits ? "" : ", BAD: beyond the end"));
    out_->Field(pos_ + 6, 1, fmt::format("type {}", TypeName(type)));
    const std::string_view payload =
        bytes_.substr(pos_ + kHeaderBytes, BlockEnd(pos_) - pos_ - kHeaderBytes).substr(0, length);
    if (!payload.empty()) out_->Field(pos_ + kHeaderBytes, payload.size(), "payload");
    if (const char* problem = Problem(pos_); problem != nullptr) {
      if (fits && type == kFull) print_(payload, out_);
      Bad(problem);
      return;
    }
    Join(type, payload);
    pos_ += kHeaderBytes + length;
  }

  void Join(uint8_t type, std::string_view payload) {
    const bool begins = type == kFull || type == kFirst;
    if (begins == in_record_) {
      Remember(in_record_ ? "record cut off by another" : "record without its beginning");
      if (!begins) return;
    }
    if (begins) {
      record_.clear();
      record_offset_ = pos_;
    }
    record_.append(payload);
    in_record_ = type == kFirst || type == kMiddle;
    if (in_record_) return;
    if (!bad_.empty()) ++records_behind_;
    if (!print_(record_, out_)) ++undecodable_;
  }

  // Keeps the first bad spot; a record that was begun is lost with it.
  void Remember(std::string_view reason) {
    out_->Note(1, reason);
    if (bad_.empty()) {
      bad_ = reason;
      bad_offset_ = in_record_ ? record_offset_ : pos_;
    }
    in_record_ = false;
  }

  // Remembers, and goes on where the next whole fragment begins.
  void Bad(std::string_view reason) {
    Remember(reason);
    uint64_t next = std::min<uint64_t>(pos_ + 1, bytes_.size());
    while (next < bytes_.size() &&
           (BlockEnd(next) - next < kHeaderBytes || Problem(next) != nullptr)) {
      ++next;
    }
    if (next > pos_) out_->Field(pos_, next - pos_, fmt::format("{} bytes skipped", next - pos_));
    pos_ = next;
  }

  void End() {
    std::string text = "clean";
    if (!bad_.empty()) {
      text = fmt::format("{:08x}: {}; whole records behind it: {}", bad_offset_, bad_,
                         records_behind_);
    }
    if (undecodable_ > 0) text += fmt::format("; records that make no sense: {}", undecodable_);
    out_->Note(0, "end: " + text);
  }

  const RecordPrinter& print_;
  Annotator* const out_;
  const std::string_view bytes_;
  uint64_t pos_ = 0;
  bool in_record_ = false;
  std::string record_;  // the fragments so far
  uint64_t record_offset_ = 0;
  std::string bad_;  // of the first bad spot
  uint64_t bad_offset_ = 0;
  uint64_t records_behind_ = 0;
  uint64_t undecodable_ = 0;
};

}  // namespace

bool DumpLog(const RecordPrinter& print, Annotator* out) { return LogDump(print, out).Run(); }

}  // namespace lsm::inspect
