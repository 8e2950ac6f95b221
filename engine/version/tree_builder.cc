#include <stage/version/tree_builder.h>

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace lsm {
namespace {

std::vector<SortedRun> RunsOf(const std::map<uint64_t, FileRef>& files,
                              const InternalKeyComparator& cmp) {
  std::map<uint64_t, SortedRun, std::greater<>> by_number;
  for (const auto& [number, file] : files) by_number[file->run].push_back(file);
  std::vector<SortedRun> runs;
  for (auto& [number, run] : by_number) {
    std::sort(run.begin(), run.end(), [&cmp](const FileRef& a, const FileRef& b) {
      const int order = cmp.Compare(a->smallest, b->smallest);
      return order != 0 ? order < 0 : a->number < b->number;
    });
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace

TreeBuilder::TreeBuilder(const InternalKeyComparator& cmp, const Tree& base)
    : cmp_(cmp), levels_(base.levels.size()), compact_pointers_(base.compact_pointers) {
  for (size_t level = 0; level < base.levels.size(); ++level) {
    for (const SortedRun& run : base.levels[level].runs) {
      for (const FileRef& file : run) levels_[level].emplace(file->number, file);
    }
  }
}

void TreeBuilder::GrowTo(int level) {
  const auto wanted = static_cast<size_t>(level) + 1;
  if (levels_.size() >= wanted) return;
  levels_.resize(wanted);
  compact_pointers_.resize(wanted);
}

Status TreeBuilder::Apply(const VersionEdit& edit) {
  for (const auto& [level, key] : edit.compact_pointers) {
    GrowTo(level);
    compact_pointers_[static_cast<size_t>(level)] = key;
  }
  for (const auto& [level, number] : edit.removed) {
    GrowTo(level);
    if (levels_[static_cast<size_t>(level)].erase(number) == 0) {
      return Status::Corruption(fmt::format(
          "version edit removes table {} from level {}, which does not hold it", number, level));
    }
  }
  for (const auto& [level, file] : edit.added) {
    GrowTo(level);
    const auto ref = std::make_shared<const FileMeta>(file);
    if (!levels_[static_cast<size_t>(level)].emplace(file.number, ref).second) {
      return Status::Corruption(fmt::format(
          "version edit adds table {} to level {}, which holds it already", file.number, level));
    }
  }
  return Status::Ok();
}

Result<std::shared_ptr<const Tree>> TreeBuilder::Build() const {
  auto tree = std::make_shared<Tree>(levels_.size());
  tree->compact_pointers = compact_pointers_;
  for (size_t level = 0; level < levels_.size(); ++level) {
    tree->levels[level].runs = RunsOf(levels_[level], cmp_);
  }
  LSM_RETURN_IF_ERROR(CheckTree(*tree, cmp_));
  return std::shared_ptr<const Tree>(std::move(tree));
}

}  // namespace lsm
