#include "inspect/findings.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace lsm {
namespace inspect {
namespace {

// The number behind "offset" in a message: stages name places in words.
std::optional<uint64_t> OffsetIn(std::string_view text) {
  constexpr std::string_view kWord = "offset ";
  const size_t at = text.find(kWord);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(at + kWord.size());
  uint64_t offset = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), offset);
  if (result.ec != std::errc()) return std::nullopt;
  return offset;
}

}  // namespace

void Findings::Add(Finding::Severity severity, const std::string& file, std::string_view text) {
  list_->push_back({severity, file, OffsetIn(text), std::string(text)});
}

void Findings::Note(const std::string& file, std::string_view text) {
  Add(Finding::Severity::kNote, file, text);
}

void Findings::Suspect(const std::string& file, std::string_view text) {
  Add(Finding::Severity::kSuspect, file, text);
}

void Findings::Damage(const std::string& file, std::string_view text) {
  ++damages_;
  Add(Finding::Severity::kDamage, file, text);
}

void Findings::Damage(const std::string& file, const Status& status) {
  std::string text(status.message());
  if (const std::string prefix = file + ": "; text.compare(0, prefix.size(), prefix) == 0) {
    text.erase(0, prefix.size());
  }
  if (!status.IsCorruption()) text = fmt::format("{}: {}", StatusCodeName(status.code()), text);
  Damage(file, text);
}

}  // namespace inspect

std::string_view SeverityName(Finding::Severity severity) {
  constexpr std::string_view kNames[] = {"note", "suspect", "damage"};
  return kNames[static_cast<size_t>(severity)];
}

std::string ToText(const Finding& finding) {
  return fmt::format("{}: {}: {}", SeverityName(finding.severity), finding.file, finding.text);
}

}  // namespace lsm
