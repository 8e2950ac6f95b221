// Annotated text of a database's files: offset, bytes, meaning of every field, with checksums
// recomputed. For people who learn the formats and for damaged files: a dump goes on as far as
// anything can be read, and its last line tells how the file ends.
//
// The bytes are parsed here anew, not by the stages: a dump shows what a stage got wrong. Formats:
// docs/formats/. A file is read into memory as a whole. Pure functions of the file's bytes.
#pragma once

#include <string>

#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

// Each appends to *out; true if the last line says "end: clean". Errors are the file's (it is
// missing or cannot be read); damage is text.
Result<bool> DumpWal(Env* env, const std::string& path, std::string* out);
Result<bool> DumpManifest(Env* env, const std::string& path, std::string* out);
Result<bool> DumpTable(Env* env, const std::string& path, std::string* out);

}  // namespace lsm
