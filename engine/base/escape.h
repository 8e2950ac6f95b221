// Bytes as printable text and back: the one way in which keys and values appear in traces, events,
// messages and command lines. Printable ASCII stands for itself, but for backslash, double quote
// and space; anything else is \xHH. The empty string is "".
#pragma once

#include <string>
#include <string_view>

#include "lsm/status.h"

namespace lsm {

std::string Escape(std::string_view bytes);
// InvalidArgument names the position of a bad escape. Accepts \xHH \n \t \r \\ \" and "" alone.
Result<std::string> Unescape(std::string_view text);

}  // namespace lsm
