#include "fuzz/fuzzer_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace lsm::fuzz {
namespace {

// The number behind `word` and perhaps ": " or " ".
std::optional<uint64_t> NumberBehind(std::string_view line, std::string_view word) {
  const size_t at = line.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + word.size());
  line.remove_prefix(std::min(line.find_first_not_of(": "), line.size()));
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), n);
  if (error != std::errc()) return std::nullopt;
  return n;
}

// What stands behind `words`, if the line has them.
std::optional<std::string> Behind(std::string_view line, std::string_view words) {
  const size_t at = line.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(at + words.size()));
}

}  // namespace

bool FuzzerLog::Read(std::string_view line) {
  if (line.starts_with('#')) {
    const auto now = NumberBehind(line, "cov");
    if (!now.has_value()) return false;
    executions = NumberBehind(line, "#").value_or(executions);
    executions_per_second = NumberBehind(line, "exec/s").value_or(executions_per_second);
    corpus = NumberBehind(line, "corp").value_or(corpus);
    edges = *now;
    if (edges_at_start == 0) edges_at_start = edges;
    return true;
  }
  if (const auto file = Behind(line, "Test unit written to ")) input = *file;
  if (!finding.empty()) return false;
  for (const std::string_view words : {"FINDING: ", "ERROR: ", "runtime error: "}) {
    if (const auto what = Behind(line, words)) {
      finding = *what;
      break;
    }
  }
  return false;
}

std::string ProgressText(const FuzzerLog& log) {
  return fmt::format("{} executions, {}/s, {} edges (+{}), corpus of {}", log.executions,
                     log.executions_per_second, log.edges, log.edges - log.edges_at_start,
                     log.corpus);
}

std::string SummaryText(const FuzzerLog& log) {
  std::string text = fmt::format("  executions        {}\n  executions/s      {}\n", log.executions,
                                 log.executions_per_second);
  text += fmt::format("  edges reached     {}, {} of them new\n", log.edges,
                      log.edges - log.edges_at_start);
  text += fmt::format("  inputs in corpus  {}\n", log.corpus);
  if (log.failed()) text += fmt::format("  FINDING           {}\n", log.finding);
  if (!log.input.empty()) text += fmt::format("  the input         {}\n", log.input);
  return text;
}

nlohmann::json ToJson(const FuzzerLog& log) {
  return {{"executions", log.executions},
          {"executions_per_second", log.executions_per_second},
          {"edges", log.edges},
          {"new_edges", log.edges - log.edges_at_start},
          {"corpus", log.corpus},
          {"finding", log.finding},
          {"input", log.input}};
}

}  // namespace lsm::fuzz
