// The framing of logs and manifests as text. Format: docs/formats/wal.md.
//
// A reader of a log stops at the first bad spot. A dump says where that is, then searches on, byte
// by byte and trusting checksums alone, for fragments behind it.
#pragma once

#include <functional>
#include <string_view>

#include "inspect/annotator.h"

namespace lsm::inspect {

// False if the record, though whole, makes no sense.
using RecordPrinter = std::function<bool(std::string_view record, Annotator* out)>;

// `print` is called for each record that is whole, and for a damaged one in one fragment.
// True if nothing is wrong.
bool DumpLog(const RecordPrinter& print, Annotator* out);

}  // namespace lsm::inspect
