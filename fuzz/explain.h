// Inputs as text, for people who look at a finding.
#pragma once

#include <string>
#include <string_view>

namespace lsm::fuzz {

// Field by field, by engine/inspect.
std::string ExplainLog(std::string_view input);
std::string ExplainTable(std::string_view input);
std::string ExplainManifest(std::string_view input);

// Offsets, hex digits and ASCII.
std::string HexDump(std::string_view input);

}  // namespace lsm::fuzz
