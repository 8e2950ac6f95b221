// The traces of a folder below crash_tests, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/env.h"
#include "testing/files.h"
#include "testing/trace.h"

namespace lsm::lab {

struct TraceFile {
  std::string name;
  std::string text;
};

inline std::vector<TraceFile> TraceFiles(const std::string& folder) {
  const std::string dir = std::string(LSM_CRASH_TESTS "/") + folder;
  std::vector<TraceFile> files;
  const auto names = Env::Default()->ListDir(dir);
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    if (!name.ends_with(".trace")) continue;
    const auto text = LoadText(dir + "/" + name);
    files.push_back({name.substr(0, name.find('.')), text.ok() ? *text : text.status().ToString()});
  }
  return files;
}

inline std::string NameOf(const testing::TestParamInfo<TraceFile>& info) { return info.param.name; }
inline void PrintTo(const TraceFile& file, std::ostream* out) { *out << file.name; }

inline bool HasComment(const TraceFile& file) {
  return file.text.find("\n# ") != std::string::npos;
}

}  // namespace lsm::lab
