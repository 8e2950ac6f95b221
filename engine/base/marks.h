// Coverage marks: named situations that tests must be seen to reach. The engine hits a mark on a
// cold path; the harness reports which of all marks were reached. A mark costs one relaxed add.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace lsm::marks {

// name, what it shows
#define LSM_MARKS(X)                                                                         \
  X(flush_during_compaction, "a flush installed while a compaction ran")                     \
  X(compactions_at_once, "a compaction began beside another")                                \
  X(flushes_at_once, "a flush began beside another")                                         \
  X(flushes_installed_together, "one edit installed the tables of several memtables")        \
  X(subcompactions_at_once, "two threads merged parts of one compaction")                    \
  X(limiter_waited, "background work waited for its byte rate")                              \
  X(slowdown_grows, "a delay was longer because level 0 was further over its trigger")       \
  X(manual_waits_for_running, "a manual compaction waited for running ones")                 \
  X(put_during_flush, "a write committed while a flush ran")                                 \
  X(snapshot_during_install, "a snapshot was taken while an edit was being installed")       \
  X(follower_of_failing_leader, "a follower got the error of its group-commit leader")       \
  X(stall_released_by_flush, "a stalled writer went on because a flush ended")               \
  X(group_commit, "a leader committed for at least one follower")                            \
  X(wal_fragment_across_block, "a log record was split over a block end")                    \
  X(wal_torn_tail, "recovery stopped at a torn tail")                                        \
  X(wal_proof_of_damage, "recovery found a synced-up-to proof behind damage")                \
  X(wal_gap_between_logs, "recovery ignored logs behind a lost tail")                        \
  X(recovery_several_logs, "recovery replayed more than one log")                            \
  X(trivial_move, "a compaction only moved a file")                                          \
  X(tombstone_dropped, "a compaction dropped a tombstone")                                   \
  X(tombstone_kept_for_its_age, "a compaction kept tombstones for their retention time")     \
  X(table_expired, "a table went by itself")                                                 \
  X(tombstone_kept_for_deeper_level, "a tombstone was kept because of older data below")     \
  X(version_kept_for_snapshot, "a compaction kept an old version for a snapshot")            \
  X(user_key_not_split, "an output was kept open so that a user key stays in one file")      \
  X(l0_overlap_expanded, "a pick in level 0 grew by overlapping files")                      \
  X(iterator_direction_change, "an iterator changed its direction")                          \
  X(iterator_pinned_obsolete_file, "a file outlived its removal from the tree for a reader") \
  X(filter_negative, "a filter saved a table lookup")                                        \
  X(filter_false_positive, "a filter said maybe and the key was absent")                     \
  X(manifest_rotated, "a new manifest was begun on an open database")                        \
  X(resumed, "writes went on after a background error")                                      \
  X(write_stopped_by_error, "a write was refused because of a background error")             \
  X(several_immutables, "more than one sealed memtable waited")

enum class Mark : uint8_t {
#define LSM_MARK_ENUM(name, text) name,
  LSM_MARKS(LSM_MARK_ENUM)
#undef LSM_MARK_ENUM
      kCount
};

inline constexpr size_t kCount = static_cast<size_t>(Mark::kCount);

struct MarkInfo {
  std::string_view name;
  std::string_view meaning;
};
inline constexpr std::array<MarkInfo, kCount> kInfo = {{
#define LSM_MARK_INFO(name, text) {#name, text},
    LSM_MARKS(LSM_MARK_INFO)
#undef LSM_MARK_INFO
}};

inline std::array<std::atomic<uint64_t>, kCount> counts{};

inline void Hit(Mark mark) {
  counts[static_cast<size_t>(mark)].fetch_add(1, std::memory_order_relaxed);
}
inline uint64_t Count(Mark mark) {
  return counts[static_cast<size_t>(mark)].load(std::memory_order_relaxed);
}
inline void ResetAll() {
  for (auto& count : counts) count.store(0, std::memory_order_relaxed);
}

}  // namespace lsm::marks

#define LSM_MARK(name) ::lsm::marks::Hit(::lsm::marks::Mark::name)
