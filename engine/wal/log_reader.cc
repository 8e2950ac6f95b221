#include <stage/wal/log_reader.h>

#include <cstring>

namespace lsm {

using wal::Fragment;
using wal::ParseFragment;

namespace {

bool AllZero(std::string_view bytes) {
  // Each byte equals the one before it, and the first is zero.
  return bytes.empty() ||
         (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

bool LogReader::Read(std::string_view* record) {
  while (!stopped_) {
    const bool block_used =
        pos_ == block_bytes_ || pos_ + kLogHeaderBytes > kLogBlockBytes;  // a trailer means nothing
    const bool more = !block_used || NextBlock();
    if (!joiner_.InRecord()) record_offset_ = Position();
    if (!more) {
      Stop("record cut off");
      return false;
    }
    Fragment fragment;
    const char* bad = ParseFragment(Block(), pos_, &fragment);
    if (bad == nullptr && !joiner_.Fits(fragment.type)) {
      bad = joiner_.InRecord() ? "record cut off by another" : "record without its beginning";
    }
    if (bad != nullptr) {
      Stop(bad);
      return false;
    }
    pos_ += kLogHeaderBytes + fragment.payload.size();
    if (joiner_.Add(fragment, record)) return true;
  }
  return false;
}

bool LogReader::NextBlock() {
  block_offset_ += block_bytes_;
  block_bytes_ = 0;
  pos_ = 0;
  while (block_bytes_ < kLogBlockBytes) {
    const Result<size_t> n =
        file_->Read(kLogBlockBytes - block_bytes_, buffer_.data() + block_bytes_);
    if (!n.ok()) {
      status_ = n.status();
      return false;
    }
    if (*n == 0) break;
    block_bytes_ += *n;
  }
  return block_bytes_ > 0;
}

void LogReader::Stop(const char* reason) {
  stopped_ = true;
  end_ = {LogEndKind::kTorn, record_offset_, reason};
  bool clean = !joiner_.InRecord();
  while (status_.ok()) {
    if (AllZero(Block().substr(pos_))) {  // a preallocated file may end in many such blocks
      joiner_.Drop();
    } else {
      clean = false;
      if (FindProofInBlock()) {
        end_.kind = LogEndKind::kCorrupt;
        return;
      }
    }
    if (!NextBlock()) break;
  }
  if (!status_.ok()) {
    end_ = {LogEndKind::kIoError, record_offset_, "read error"};
  } else if (clean) {
    end_ = {LogEndKind::kClean, record_offset_, ""};
  }
}

bool LogReader::FindProofInBlock() {
  while (pos_ + kLogHeaderBytes <= block_bytes_) {
    Fragment fragment;
    if (ParseFragment(Block(), pos_, &fragment) != nullptr) {
      joiner_.Drop();
      ++pos_;
      continue;
    }
    pos_ += kLogHeaderBytes + fragment.payload.size();
    if (!joiner_.Fits(fragment.type)) {
      joiner_.Drop();
      if (!joiner_.Fits(fragment.type)) continue;
    }
    std::string_view record;
    if (joiner_.Add(fragment, &record) && proof_ != nullptr && proof_(record)) return true;
  }
  return false;
}

}  // namespace lsm
