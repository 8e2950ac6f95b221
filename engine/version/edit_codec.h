// The bytes of a version edit: one manifest record. Format: docs/formats/manifest.md (LevelDB's
// tags, and one of our own).
//
// An edit is a sequence of fields in any order, each a varint32 tag and its operands. Nothing in it
// is trusted: EncodeEdit's output decodes to the same edit, any other bytes decode or are refused.
#pragma once

#include <string>
#include <string_view>

#include "contract/version/edit.h"

namespace lsm {

// Appends the edit's bytes to *out.
void EncodeEdit(const VersionEdit& edit, std::string* out);

// Corruption names the field and its offset in the record; *edit is then unspecified. NotSupported
// for a second log to be replayed (tag 9), which only LevelDB versions before 1.0 wrote.
Status DecodeEdit(std::string_view bytes, VersionEdit* edit);

}  // namespace lsm
