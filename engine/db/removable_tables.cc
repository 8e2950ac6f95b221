#include "db/removable_tables.h"

#include <algorithm>

namespace lsm {
namespace {

bool LiesWithin(const FileMeta& file, const InternalKeyComparator& cmp, std::string_view begin,
                std::string_view end) {
  return (begin.data() == nullptr ||
          cmp.CompareUserKeys(ExtractUserKey(file.smallest), begin) >= 0) &&
         (end.data() == nullptr || cmp.CompareUserKeys(ExtractUserKey(file.largest), end) <= 0);
}

}  // namespace

std::vector<std::pair<int, FileRef>> RemovableTables(const Tree& tree,
                                                     const InternalKeyComparator& cmp,
                                                     std::string_view begin, std::string_view end,
                                                     const BusyFiles& busy) {
  std::vector<std::pair<int, FileRef>> removable;
  std::vector<SortedRun> staying;  // of the older runs
  for (size_t level = tree.levels.size(); level-- > 0;) {
    const std::vector<SortedRun>& runs = tree.levels[level].runs;
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {  // the oldest first
      SortedRun stay;
      for (const FileRef& file : *run) {
        const UserRange keys = Hull({file}, cmp);
        const bool hides = std::any_of(staying.begin(), staying.end(), [&](const SortedRun& older) {
          return !OverlappingFiles(older, cmp, keys.begin, keys.end).empty();
        });
        if (!hides && busy.count(file->number) == 0 && LiesWithin(*file, cmp, begin, end)) {
          removable.emplace_back(static_cast<int>(level), file);
        } else {
          stay.push_back(file);
        }
      }
      staying.push_back(std::move(stay));
    }
  }
  return removable;
}

}  // namespace lsm
