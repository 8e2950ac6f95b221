#include "testing/bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "testing/trace_line.h"

namespace lsm::lab {
namespace {

constexpr uint64_t kFixedHandles = 3;  // log, manifest, lock; the info log is the runner's
constexpr uint64_t kArenaBytes = uint64_t{8} << 10;  // begun and not filled: two blocks

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

// A tombstone over its age limit is work that was not done.
Verdict CheckTombstones(sim::SimEnv* env, DB* db, const Options& options) {
  const uint64_t limit_us = options.tombstone_age_max_us;
  if (limit_us == 0 || options.policy == CompactionPolicy::kFifo) return {};
  const uint64_t now_us = env->UnixSeconds() * 1'000'000;
  for (const LevelStatistics& level : db->GetStatistics().level) {
    const uint64_t oldest_us = level.oldest_tombstone_us;
    if (oldest_us == 0 || oldest_us + limit_us > now_us) continue;
    return {false, Property::kP14, "", fmt::format("no tombstone older than {} us", limit_us),
            fmt::format("one of {} us", now_us - oldest_us)};
  }
  return {};
}

}  // namespace

Verdict CheckBounds(sim::SimEnv* env, DB* db, const Options& options, const std::string& dir,
                    size_t largest_group) {
  const auto names = env->ListDir(dir);
  if (!names.ok()) return {};
  std::map<sim::FileRole, uint64_t> files;
  for (const std::string& name : *names) ++files[sim::RoleOf(name)];
  const uint64_t tables = TablesOf(db);
  const uint64_t kept_open = std::min<uint64_t>(options.max_open_files, tables);
  std::string memory;
  uint64_t memory_bytes = 0;
  if (db->GetProperty("lsm.memory", &memory)) ParseNumber(memory, &memory_bytes);
  const uint64_t memory_max =
      options.memtable_bytes + largest_group + kArenaBytes + options.block_cache_bytes;
  for (const Verdict& verdict :
       {AtMost(tables, files[sim::FileRole::kTable], "tables"),
        AtMost(1, files[sim::FileRole::kLog], "logs"),
        AtMost(1, files[sim::FileRole::kManifest], "manifests"),
        AtMost(0, files[sim::FileRole::kTemp], "temporary files"),
        AtMost(kept_open + kFixedHandles, env->OpenHandles().size(), "open files and mappings"),
        AtMost(memory_max, memory_bytes, "bytes of memory")}) {
    if (!verdict.ok) return verdict;
  }
  return CheckTombstones(env, db, options);
}

}  // namespace lsm::lab
