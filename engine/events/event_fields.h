// The one description of every event: its name and its fields in their order. The writer, the
// parser and whoever else walks over events (JSON, tables) stand on it, so that they cannot
// diverge.
//
// Describe<E>::kName is the event's name in text. Describe<E>::Fields(event, visit) calls
// visit(name, field) for each field; event may be const. Types of fields: uint64_t, int, bool,
// std::string, std::vector<uint64_t>, std::vector<Table>.
#pragma once

#include <string_view>

#include "lsm/event.h"

namespace lsm::event {

template <class E>
struct Describe;

#define LSM_DESCRIBE(Type, name, ...)               \
  template <>                                       \
  struct Describe<Type> {                           \
    static constexpr std::string_view kName = name; \
    template <class E, class Visit>                 \
    static void Fields(E& event, Visit&& visit) {   \
      __VA_ARGS__;                                  \
    }                                               \
  }
#define F(field) visit(#field, event.field)

LSM_DESCRIBE(Write, "write", F(sequence), F(count), F(writers), F(bytes), F(sync));
LSM_DESCRIBE(WalAppend, "wal_append", F(file), F(offset), F(bytes));
LSM_DESCRIBE(WalSync, "wal_sync", F(file), F(bytes));
LSM_DESCRIBE(WalRotate, "wal_rotate", F(old_file), F(new_file));
LSM_DESCRIBE(MemtableSealed, "memtable_sealed", F(id), F(wal), F(entries), F(bytes));
LSM_DESCRIBE(FlushBegin, "flush_begin", F(memtable), F(entries));
LSM_DESCRIBE(FlushEnd, "flush_end", F(memtable), F(file), F(bytes), F(ok));
LSM_DESCRIBE(CompactionPicked, "compaction_picked", F(job), F(level), F(output_level), F(inputs),
             F(next_inputs), F(reason));
LSM_DESCRIBE(CompactionMoved, "compaction_moved", F(job), F(file), F(from_level), F(to_level));
LSM_DESCRIBE(CompactionOutput, "compaction_output", F(job), F(file), F(bytes), F(entries));
LSM_DESCRIBE(CompactionDropped, "compaction_dropped", F(job), F(key), F(sequence), F(rule));
LSM_DESCRIBE(CompactionEnd, "compaction_end", F(job), F(bytes_read), F(bytes_written),
             F(entries_in), F(entries_out), F(ok));
LSM_DESCRIBE(TableExpired, "table_expired", F(job), F(file), F(last_sequence), F(smallest),
             F(largest));
LSM_DESCRIBE(VersionInstalled, "version_installed", F(manifest), F(last_sequence), F(log_number),
             F(added), F(removed));
LSM_DESCRIBE(FileRemoved, "file_removed", F(file), F(name));
LSM_DESCRIBE(StallBegin, "stall_begin", F(cause), F(l0_runs), F(immutables));
LSM_DESCRIBE(StallEnd, "stall_end", F(cause), F(waited_us));
LSM_DESCRIBE(Slowdown, "slowdown", F(cause), F(l0_runs), F(delay_us));
LSM_DESCRIBE(LookupHop, "lookup_hop", F(key), F(place), F(answer));
LSM_DESCRIBE(RecoveryStep, "recovery_step", F(what), F(file), F(offset), F(records));
LSM_DESCRIBE(BackgroundError, "background_error", F(where), F(status));
LSM_DESCRIBE(Resumed, "resumed", F(automatic));
LSM_DESCRIBE(Opened, "opened", F(last_sequence), F(files));
LSM_DESCRIBE(Closed, "closed", F(status));
#undef F
#undef LSM_DESCRIBE

}  // namespace lsm::event
