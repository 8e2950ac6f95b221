// Target manifest: the input is a manifest, and then the fields of a version edit.
#include "fuzz/manifest_check.h"

#include <stage/version/version_set.h>

#include "fuzz/explain.h"
#include "fuzz/real_files.h"

namespace lsm::fuzz {
namespace {

struct StageCodec {
  static void Encode(const VersionEdit& edit, std::string* out) { EncodeEdit(edit, out); }
  static Status Decode(std::string_view bytes, VersionEdit* edit) {
    return DecodeEdit(bytes, edit);
  }
};

}  // namespace

Target ManifestTarget() {
  return {.name = "manifest",
          .about = "a manifest: refused, or a sound tree that survives a new manifest",
          .max_bytes = size_t{16} << 10,
          .check = CheckManifest<StageCodec, VersionSet>,
          .seeds = [] { return RealFiles(FileKind::kManifest); },
          .repair = RepairLog,
          .explain = ExplainManifest};
}

}  // namespace lsm::fuzz
