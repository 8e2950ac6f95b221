// Options by name, as traces and command lines write them: "memtable_bytes" "1024",
// "compression" "none", "wal_io" "plain". Knobs that are values; not env, listener and the like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm::lab {

// InvalidArgument: an unknown name (all known ones are listed) or a malformed value. The range is
// DB::Open's to check.
Status SetOption(std::string_view name, std::string_view value, Options* options);

std::vector<std::string> OptionNames();

}  // namespace lsm::lab
