#include "testing/tree_watch.h"

#include <fmt/format.h>

#include <set>

namespace lsm::lab {

void TreeWatch::OnEvent(const Event& event) {
  if (std::holds_alternative<event::RecoveryStep>(event)) {
    const std::string& what = std::get<event::RecoveryStep>(event).what;
    if (what == "manifest" || what == "created") levels_.clear();
  }
  const auto* installed = std::get_if<event::VersionInstalled>(&event);
  if (installed == nullptr) return;
  for (const uint64_t file : installed->removed) levels_.erase(file);
  for (size_t i = 0; i < installed->added.size(); ++i) {
    levels_[installed->added[i]] = installed->levels[i];
  }
}

std::string TreeWatch::ToString() const {
  std::map<uint64_t, std::string> files;
  for (const auto& [file, level] : levels_) files[level] += fmt::format(" {}", file);
  std::string text = "tree";
  for (const auto& [level, numbers] : files) text += fmt::format("  L{}:{}", level, numbers);
  return files.empty() ? text + "  empty" : text;
}

}  // namespace lsm::lab
