#include "testing/digest.h"

#include <string>

#include "base/coding.h"

namespace lsm::lab {
namespace {

void AddDirectory(const sim::Disk& disk, const std::string& dir, Digest* digest) {
  const auto names = disk.List(dir.empty() ? "/" : dir);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const std::string path = dir + "/" + name;
    digest->Add(path);
    if (const sim::Disk::File file = disk.Find(path); file != nullptr) {
      digest->Add(file->bytes());
    } else {
      AddDirectory(disk, path, digest);
    }
  }
}

}  // namespace

// One step of MurmurHash3's 64-bit mixing for each number.
void Digest::Add(uint64_t number) {
  state_ = (state_ ^ number) * 0xff51afd7ed558ccdU;
  state_ ^= state_ >> 33;
}

void Digest::Add(std::string_view bytes) {
  Add(bytes.size());
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) Add(DecodeFixed64(bytes.data()));
  char tail[8] = {};
  bytes.copy(tail, bytes.size());
  Add(DecodeFixed64(tail));
}

void AddDisk(const sim::Disk& disk, Digest* digest) { AddDirectory(disk, "", digest); }

}  // namespace lsm::lab
