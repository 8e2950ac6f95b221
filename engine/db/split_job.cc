#include "db/split_job.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"

namespace lsm {

std::vector<std::string> SplitKeys(const CompactionJob& job, const InternalKeyComparator& cmp,
                                   size_t parts_max, uint64_t part_bytes_min) {
  LSM_CHECK(part_bytes_min > 0);
  std::vector<FileRef> files = AllInputs(job);
  std::stable_sort(files.begin(), files.end(), [&cmp](const FileRef& a, const FileRef& b) {
    return cmp.Compare(a->smallest, b->smallest) < 0;
  });
  const uint64_t total = TotalBytes(files);
  const uint64_t parts = std::min<uint64_t>(parts_max, total / part_bytes_min);

  std::vector<std::string> keys;
  uint64_t since_cut = 0;  // bytes of the tables that begin in this part
  std::string_view last = ExtractUserKey(files.front()->smallest);
  for (const FileRef& file : files) {
    if (keys.size() + 1 >= parts) break;
    const std::string_view key = ExtractUserKey(file->smallest);
    if (since_cut >= total / parts && cmp.CompareUserKeys(key, last) > 0) {
      keys.emplace_back(key);
      last = key;
      since_cut = 0;
    }
    since_cut += file->bytes;
  }
  return keys;
}

}  // namespace lsm
