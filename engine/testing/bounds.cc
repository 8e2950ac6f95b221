#include "testing/bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "testing/trace_line.h"

namespace lsm::lab {
namespace {

// Files that the last job has freed may still be on their way out.
constexpr uint64_t kSpareFiles = 40;
constexpr uint64_t kSpareHandles = 16;                // logs, manifest, lock, info log
constexpr uint64_t kSpareMemory = uint64_t{1} << 18;  // blocks of arenas

Verdict AtMost(uint64_t most, uint64_t actual, std::string_view what) {
  if (actual <= most) return {};
  return {false, Property::kP14, "", fmt::format("at most {} {}", most, what),
          std::to_string(actual)};
}

uint64_t TablesOf(DB* db) {
  std::string text;
  if (!db->GetProperty("lsm.tables", &text)) return 0;
  return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Verdict CheckBounds(sim::SimEnv* env, DB* db, const Options& options, const std::string& dir,
                    size_t largest_write) {
  const auto names = env->ListDir(dir);
  if (!names.ok()) return {};
  std::map<sim::FileRole, uint64_t> files;
  for (const std::string& name : *names) ++files[sim::RoleOf(name)];
  const uint64_t memtables = options.max_immutable_memtables + 1;
  std::string memory;
  uint64_t memory_bytes = 0;
  if (db->GetProperty("lsm.memory", &memory)) ParseNumber(memory, &memory_bytes);
  const uint64_t memory_max =
      memtables * (2 * options.memtable_bytes + 2 * largest_write + kSpareMemory) +
      options.block_cache_bytes;
  for (const Verdict& verdict :
       {AtMost(TablesOf(db) + kSpareFiles, files[sim::FileRole::kTable], "tables"),
        AtMost(memtables + kSpareFiles, files[sim::FileRole::kLog], "logs"),
        AtMost(1 + kSpareFiles, files[sim::FileRole::kManifest], "manifests"),
        AtMost(kSpareFiles, files[sim::FileRole::kTemp], "temporary files"),
        // A mapped file has a mapping beside its descriptor.
        AtMost(2 * static_cast<uint64_t>(options.max_open_files) + kSpareHandles,
               env->OpenHandles().size(), "open files and mappings"),
        AtMost(memory_max, memory_bytes, "bytes of memory")}) {
    if (!verdict.ok) return verdict;
  }
  return {};
}

}  // namespace lsm::lab
