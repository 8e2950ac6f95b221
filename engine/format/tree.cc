#include "format/tree.h"

#include <set>

#include <fmt/format.h>

#include "base/escape.h"

namespace lsm {

uint64_t Level::Bytes() const {
  uint64_t sum = 0;
  for (const SortedRun& run : runs) {
    for (const FileRef& file : run) sum += file->bytes;
  }
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
    if (level > 0 && runs.size() > 1) {
      return Status::Corruption(fmt::format("level {} holds {} runs", level, runs.size()));
    }
    uint64_t newer = UINT64_MAX;
    for (const SortedRun& run : runs) {
      if (run.empty()) return Status::Corruption(fmt::format("level {} holds an empty run", level));
      if (level == 0) {
        if (run.size() != 1) return Status::Corruption("level 0 holds a run of several tables");
        if (run[0]->number >= newer) {
          return Status::Corruption(
              fmt::format("level 0: table {} stands behind table {}", run[0]->number, newer));
        }
        newer = run[0]->number;
      }
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
      for (const FileRef& file : run) {
        text += fmt::format(" {}[{}..{}]", file->number, Escape(ExtractUserKey(file->smallest)),
                            Escape(ExtractUserKey(file->largest)));
      }
    }
    text += '\n';
  }
  return text;
}

std::vector<FileRef> OverlappingFiles(const SortedRun& run, const InternalKeyComparator& cmp,
                                      std::string_view begin, std::string_view end) {
  std::vector<FileRef> result;
  for (const FileRef& file : run) {
    const bool before =
        begin.data() != nullptr && cmp.CompareUserKeys(ExtractUserKey(file->largest), begin) < 0;
    const bool behind =
        end.data() != nullptr && cmp.CompareUserKeys(ExtractUserKey(file->smallest), end) > 0;
    if (!before && !behind) result.push_back(file);
  }
  return result;
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
