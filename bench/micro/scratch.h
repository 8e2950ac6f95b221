// Where the micro benchmarks keep their files: a directory in TMPDIR, or in /tmp, removed at the
// end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/check.h"

namespace lsm::bench {

// The path of `name` in it. Thread-safe.
inline std::string ScratchPath(const std::string& name) {
  struct Directory {
    std::string path = std::filesystem::temp_directory_path() / "lsm-micro-XXXXXX";
    Directory() { LSM_CHECK(mkdtemp(path.data()) != nullptr); }
    ~Directory() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  };
  static const Directory directory;
  return directory.path + "/" + name;
}

}  // namespace lsm::bench
