// What the dumps share: lines of the form "offset  hex  meaning", keys and values as text, and
// files as bytes. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm::inspect {

// The whole file.
Result<std::string> ReadFile(Env* env, const std::string& path);

// Escaped; long ones are cut off and their length is told.
std::string Text(std::string_view bytes);

// "k1 @5 put" of a well-formed internal key.
std::string InternalKeyText(std::string_view key);

// Writes lines about one file.
class Annotator {
 public:
  // `out` outlives the annotator.
  Annotator(std::string_view bytes, std::string* out) : bytes_(bytes), out_(out) {}

  std::string_view bytes() const { return bytes_; }

  // A field: bytes [offset, offset + n) of the file, at least one.
  void Field(uint64_t offset, uint64_t n, std::string_view meaning);
  // The masked CRC-32C at `offset`, compared with that of `covered`; false if it is wrong.
  bool Checksum(uint64_t offset, std::string_view covered);
  // A line without offset; `depth` is its indentation.
  void Note(int depth, std::string_view text);

 private:
  const std::string_view bytes_;
  std::string* const out_;
};

}  // namespace lsm::inspect
