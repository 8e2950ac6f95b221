#include "model/narrate.h"

#include <fmt/format.h>

#include "base/escape.h"

namespace lsm::viz {
namespace {

std::string Count(uint64_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

struct Narrator {
  std::string operator()(const event::Write& e) {
    return fmt::format("{} written ({}){}: readers see it, it stands in the memtable",
                       Count(e.count, "update"), Bytes(e.bytes), e.sync ? ", durable" : "");
  }
  std::string operator()(const event::WalAppend& e) {
    return fmt::format("{} appended to log {} at offset {}", Bytes(e.bytes), e.file, e.offset);
  }
  std::string operator()(const event::WalSync& e) {
    return fmt::format("Log {} synced: its first {} survive a power cut", e.file, Bytes(e.bytes));
  }
  std::string operator()(const event::WalRotate& e) {
    return fmt::format("New log {} begins, log {} is finished", e.new_file, e.old_file);
  }
  std::string operator()(const event::MemtableSealed& e) {
    return fmt::format("Memtable {} is full ({}): sealed, a new one takes the writes", e.id,
                       Count(e.entries, "version"));
  }
  std::string operator()(const event::FlushBegin& e) {
    return fmt::format("Flush begins: memtable {} is written to a table, sorted", e.memtable);
  }
  std::string operator()(const event::FlushEnd& e) {
    if (!e.ok) return fmt::format("Flush of memtable {} FAILED", e.memtable);
    return fmt::format("Flush done: memtable {} is now table {} ({}) in level 0", e.memtable,
                       e.file, Bytes(e.bytes));
  }
  std::string operator()(const event::CompactionPicked& e) {
    return fmt::format("Compaction {} picked, level {} to {}: {}", e.job, e.level, e.output_level,
                       e.reason);
  }
  std::string operator()(const event::CompactionMoved& e) {
    return fmt::format("Table {} moves from level {} to {} without being rewritten", e.file,
                       e.from_level, e.to_level);
  }
  std::string operator()(const event::CompactionOutput& e) {
    return fmt::format("Compaction {} wrote table {} ({}, {})", e.job, e.file, Bytes(e.bytes),
                       Count(e.entries, "version"));
  }
  std::string operator()(const event::CompactionDropped& e) {
    return fmt::format("Compaction {} drops {} @{}: {}", e.job, Escape(e.key), e.sequence, e.rule);
  }
  std::string operator()(const event::CompactionEnd& e) {
    if (!e.ok) return fmt::format("Compaction {} FAILED", e.job);
    return fmt::format("Compaction {} done: {} read, {} written, {} of {} versions kept", e.job,
                       Bytes(e.bytes_read), Bytes(e.bytes_written), e.entries_out, e.entries_in);
  }
  std::string operator()(const event::TableExpired& e) {
    return fmt::format("Table {} is too old: dropped with all that was in it", e.file);
  }
  std::string operator()(const event::VersionInstalled& e) {
    return fmt::format("New version of the tree is durable: {} in, {} out",
                       Count(e.added.size(), "table"), e.removed.size());
  }
  std::string operator()(const event::FileRemoved& e) {
    return fmt::format("File {} is needed no more: removed", e.name);
  }
  std::string operator()(const event::StallBegin& e) {
    return fmt::format("STALL: writers wait, {} ({}, {})", e.cause, Count(e.l0_runs, "L0 run"),
                       Count(e.immutables, "immutable"));
  }
  std::string operator()(const event::StallEnd& e) {
    return fmt::format("Writers go on after {} us", e.waited_us);
  }
  std::string operator()(const event::Slowdown& e) {
    return fmt::format("Writers are slowed down by {} us: {} ({})", e.delay_us, e.cause, e.l0_runs);
  }
  std::string operator()(const event::LookupHop& e) {
    const std::string key = Escape(e.key);
    if (e.answer == "filter-no") {
      return fmt::format("Get {}: the filter of {} says no, nothing is read", key, e.place);
    }
    if (e.answer == "false-positive") {
      return fmt::format("Get {}: the filter of {} said maybe, but it is not there", key, e.place);
    }
    if (e.answer == "miss") return fmt::format("Get {}: not in {}", key, e.place);
    if (e.answer == "deleted")
      return fmt::format("Get {}: {} has a tombstone: deleted", key, e.place);
    return fmt::format("Get {}: {} has it", key, e.place);
  }
  std::string operator()(const event::RecoveryStep& e) {
    if (e.what == "created") return "A new database is created";
    if (e.what == "manifest")
      return fmt::format("Recovery reads the tree from manifest {}", e.file);
    if (e.what == "log") {
      return fmt::format("Recovery replays log {}: {} up to offset {}", e.file,
                         Count(e.records, "record"), e.offset);
    }
    return fmt::format("Recovery, {}: file {}, {}", e.what, e.file, Count(e.records, "record"));
  }
  std::string operator()(const event::BackgroundError& e) {
    return fmt::format("ERROR in {}: {}. Writing stops until Resume", e.where, e.status);
  }
  std::string operator()(const event::Resumed& e) {
    return e.automatic ? "Resumed by itself: writes go on" : "Resumed: writes go on";
  }
  std::string operator()(const event::Opened& e) {
    return fmt::format("The database is open: {} updates, {}", e.last_sequence,
                       Count(e.files, "table"));
  }
  std::string operator()(const event::Closed& e) {
    return fmt::format("The database is closed: {}", e.status);
  }
};

struct Classifier {
  Kind operator()(const event::Write&) { return Kind::kWrite; }
  Kind operator()(const event::WalAppend&) { return Kind::kWrite; }
  Kind operator()(const event::WalSync&) { return Kind::kWrite; }
  Kind operator()(const event::WalRotate&) { return Kind::kFlush; }
  Kind operator()(const event::MemtableSealed&) { return Kind::kFlush; }
  Kind operator()(const event::FlushBegin&) { return Kind::kFlush; }
  Kind operator()(const event::FlushEnd& e) { return e.ok ? Kind::kFlush : Kind::kError; }
  Kind operator()(const event::CompactionPicked&) { return Kind::kCompaction; }
  Kind operator()(const event::CompactionMoved&) { return Kind::kCompaction; }
  Kind operator()(const event::CompactionOutput&) { return Kind::kCompaction; }
  Kind operator()(const event::CompactionDropped&) { return Kind::kCompaction; }
  Kind operator()(const event::CompactionEnd& e) { return e.ok ? Kind::kCompaction : Kind::kError; }
  Kind operator()(const event::TableExpired&) { return Kind::kCompaction; }
  Kind operator()(const event::VersionInstalled&) { return Kind::kCompaction; }
  Kind operator()(const event::FileRemoved&) { return Kind::kCompaction; }
  Kind operator()(const event::StallBegin&) { return Kind::kStall; }
  Kind operator()(const event::StallEnd&) { return Kind::kStall; }
  Kind operator()(const event::Slowdown&) { return Kind::kStall; }
  Kind operator()(const event::LookupHop&) { return Kind::kRead; }
  Kind operator()(const event::RecoveryStep&) { return Kind::kRecovery; }
  Kind operator()(const event::BackgroundError&) { return Kind::kError; }
  Kind operator()(const event::Resumed&) { return Kind::kRecovery; }
  Kind operator()(const event::Opened&) { return Kind::kRecovery; }
  Kind operator()(const event::Closed&) { return Kind::kRecovery; }
};

}  // namespace

Kind KindOf(const Moment& moment) {
  return moment.event ? std::visit(Classifier(), *moment.event) : Kind::kNote;
}

const char* KindName(Kind kind) {
  static constexpr const char* kNames[kKinds] = {"operation", "write", "flush",    "compaction",
                                                 "read",      "stall", "recovery", "error"};
  return kNames[static_cast<size_t>(kind)];
}

std::string Narrate(const Moment& moment) {
  return moment.event ? std::visit(Narrator(), *moment.event) : moment.note;
}

std::string Bytes(uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  static constexpr const char* kUnits[] = {"KB", "MB", "GB", "TB", "PB", "EB"};
  size_t unit = 0;
  for (value /= 1024; value >= 1000 && unit < 5; value /= 1024) ++unit;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string TranscriptOf(const History& history) {
  const Moment* const now = history.now();
  if (now == nullptr) return "";
  std::string text =
      fmt::format("{:>6}  {:<10}  {}\n", history.position(), KindName(KindOf(*now)), Narrate(*now));
  if (!history.change().empty()) {
    text += fmt::format("{:>6}  {:<10}  {}\n", "", "", "tree  " + history.tree().ToString());
  }
  return text;
}

}  // namespace lsm::viz
