#include "format/tree.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "base/escape.h"

namespace lsm {

uint64_t Level::Bytes() const {
  uint64_t sum = 0;
  for (const SortedRun& run : runs) sum += TotalBytes(run);
  return sum;
}

size_t Level::Files() const {
  size_t n = 0;
  for (const SortedRun& run : runs) n += run.size();
  return n;
}

namespace {

Status CheckRun(const SortedRun& run, size_t level, const InternalKeyComparator& cmp) {
  const FileMeta* previous = nullptr;
  for (const FileRef& file : run) {
    if (file->run != RunNumber(run)) {
      return Status::Corruption(fmt::format("level {}: table {} of run {} stands in run {}", level,
                                            file->number, file->run, RunNumber(run)));
    }
    if (cmp.Compare(file->smallest, file->largest) > 0) {
      return Status::Corruption(fmt::format(
          "level {}: table {} has its smallest key behind its largest", level, file->number));
    }
    if (previous != nullptr && cmp.CompareUserKeys(ExtractUserKey(previous->largest),
                                                   ExtractUserKey(file->smallest)) >= 0) {
      return Status::Corruption(
          fmt::format("level {}: tables {} and {} overlap or are out of order", level,
                      previous->number, file->number));
    }
    previous = file.get();
  }
  return Status::Ok();
}

}  // namespace

Status CheckTree(const Tree& tree, const InternalKeyComparator& cmp) {
  std::set<uint64_t> numbers;
  for (size_t level = 0; level < tree.levels.size(); ++level) {
    const std::vector<SortedRun>& runs = tree.levels[level].runs;
    uint64_t newer = UINT64_MAX;
    for (const SortedRun& run : runs) {
      if (run.empty()) return Status::Corruption(fmt::format("level {} holds an empty run", level));
      if (RunNumber(run) >= newer) {
        return Status::Corruption(
            fmt::format("level {}: run {} stands behind run {}", level, RunNumber(run), newer));
      }
      newer = RunNumber(run);
      LSM_RETURN_IF_ERROR(CheckRun(run, level, cmp));
      for (const FileRef& file : run) {
        if (!numbers.insert(file->number).second) {
          return Status::Corruption(fmt::format("table {} stands twice in the tree", file->number));
        }
      }
    }
  }
  return Status::Ok();
}

std::string DescribeTree(const Tree& tree) {
  std::string text;
  for (size_t level = 0; level < tree.levels.size(); ++level) {
    const Level& l = tree.levels[level];
    if (l.runs.empty()) continue;
    text += fmt::format("L{}  {} files  {} bytes:", level, l.Files(), l.Bytes());
    for (const SortedRun& run : l.runs) {
      if (level > 0 && &run != &l.runs.front()) text += " |";
      for (const FileRef& file : run) {
        text += fmt::format(" {}[{}..{}]", file->number, Escape(ExtractUserKey(file->smallest)),
                            Escape(ExtractUserKey(file->largest)));
      }
    }
    text += '\n';
  }
  return text;
}

std::shared_ptr<const Tree> WithDefaultRuns(std::shared_ptr<const Tree> tree) {
  std::shared_ptr<Tree> renumbered;
  for (size_t level = 1; level < tree->levels.size(); ++level) {
    const std::vector<SortedRun>& runs = tree->levels[level].runs;
    if (runs.size() != 1 || RunNumber(runs[0]) == 0) continue;
    if (renumbered == nullptr) renumbered = std::make_shared<Tree>(*tree);
    for (FileRef& file : renumbered->levels[level].runs[0]) {
      auto copy = std::make_shared<FileMeta>(*file);
      copy->run = 0;
      file = std::move(copy);
    }
  }
  if (renumbered != nullptr) return renumbered;
  return tree;
}

Result<std::shared_ptr<const Tree>> WithFacts(const std::shared_ptr<const Tree>& tree,
                                              const std::function<Status(FileMeta*)>& complete) {
  auto changed = std::make_shared<Tree>(*tree);
  for (Level& level : changed->levels) {
    for (SortedRun& run : level.runs) {
      for (FileRef& file : run) {
        auto copy = std::make_shared<FileMeta>(*file);
        LSM_RETURN_IF_ERROR(complete(copy.get()));
        file = std::move(copy);
      }
    }
  }
  return std::shared_ptr<const Tree>(std::move(changed));
}

uint64_t TotalBytes(const std::vector<FileRef>& files) {
  uint64_t sum = 0;
  for (const FileRef& file : files) sum += file->bytes;
  return sum;
}

UserRange Hull(const std::vector<FileRef>& files, const InternalKeyComparator& cmp) {
  LSM_CHECK(!files.empty());
  UserRange hull{ExtractUserKey(files[0]->smallest), ExtractUserKey(files[0]->largest)};
  for (const FileRef& file : files) {
    const std::string_view smallest = ExtractUserKey(file->smallest);
    const std::string_view largest = ExtractUserKey(file->largest);
    if (cmp.CompareUserKeys(smallest, hull.begin) < 0) hull.begin = smallest;
    if (cmp.CompareUserKeys(largest, hull.end) > 0) hull.end = largest;
  }
  return hull;
}

std::vector<FileRef> OverlappingFiles(const SortedRun& run, const InternalKeyComparator& cmp,
                                      std::string_view begin, std::string_view end) {
  const auto first = std::partition_point(run.begin(), run.end(), [&](const FileRef& file) {
    return begin.data() != nullptr && cmp.CompareUserKeys(ExtractUserKey(file->largest), begin) < 0;
  });
  const auto last = std::partition_point(first, run.end(), [&](const FileRef& file) {
    return end.data() == nullptr || cmp.CompareUserKeys(ExtractUserKey(file->smallest), end) <= 0;
  });
  return {first, last};
}

size_t FindFile(const SortedRun& run, const InternalKeyComparator& cmp,
                std::string_view internal_key) {
  size_t left = 0;
  size_t right = run.size();
  while (left < right) {
    const size_t mid = (left + right) / 2;
    if (cmp.Compare(run[mid]->largest, internal_key) < 0) {
      left = mid + 1;
    } else {
      right = mid;
    }
  }
  return left;
}

}  // namespace lsm
