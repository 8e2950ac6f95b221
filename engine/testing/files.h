// Small whole files and directories of the real file system, through Env::Default().
#pragma once

#include <string>
#include <string_view>

#include "lsm/status.h"

namespace lsm::lab {

Result<std::string> LoadText(const std::string& path);
// Makes the directory of `path` if it is missing (one level).
Status SaveText(const std::string& path, std::string_view text);
// Removes a directory and the files in it. OK if there is none.
Status RemoveTree(const std::string& dir);

}  // namespace lsm::lab
