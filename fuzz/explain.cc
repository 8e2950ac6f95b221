#include "fuzz/explain.h"

#include <fmt/format.h>

#include "inspect/dump.h"
#include "testing/sim/sim_env.h"

namespace lsm::fuzz {
namespace {

template <class Dump>
std::string Explain(Dump dump, std::string_view input) {
  constexpr char kPath[] = "/input";
  sim::SimEnv env{sim::SimOptions()};
  if (Status s = env.OverwriteFile(kPath, input); !s.ok()) return s.ToString();
  std::string text;
  const Result<bool> clean = dump(&env, kPath, &text);
  return clean.ok() ? text : clean.status().ToString();
}

}  // namespace

std::string ExplainLog(std::string_view input) { return Explain(DumpWal, input); }
std::string ExplainTable(std::string_view input) { return Explain(DumpTable, input); }
std::string ExplainManifest(std::string_view input) { return Explain(DumpManifest, input); }

std::string HexDump(std::string_view input) {
  constexpr size_t kLineBytes = 16;
  std::string text;
  for (size_t at = 0; at < input.size(); at += kLineBytes) {
    std::string hex, ascii;
    for (const char c : input.substr(at, kLineBytes)) {
      hex += fmt::format("{:02x} ", static_cast<uint8_t>(c));
      ascii.push_back(c >= ' ' && c <= '~' ? c : '.');
    }
    text += fmt::format("{:06x}  {:<48} {}\n", at, hex, ascii);
  }
  return text;
}

}  // namespace lsm::fuzz
