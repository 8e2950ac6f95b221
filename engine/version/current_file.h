// CURRENT: the one file that says which manifest is the database's. Format:
// docs/formats/current.md.
//
// Invariant: CURRENT is replaced as a whole, by a rename, and only by the name of a manifest that
// is durable itself, directory entry included: whatever a power cut leaves names a readable
// manifest.
#pragma once

#include <cstdint>
#include <string>

#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm {

// The number of the manifest that CURRENT names. NotFound if there is no CURRENT; Corruption if its
// contents are not one manifest name and a newline.
Result<uint64_t> ReadCurrent(Env* env, const std::string& dir);

// Makes CURRENT name the manifest, durably. REQUIRES: the manifest and its directory entry are
// synced. After an error either manifest may be the one named: neither may be removed.
Status ReplaceCurrent(Env* env, const std::string& dir, uint64_t manifest_number);

}  // namespace lsm
