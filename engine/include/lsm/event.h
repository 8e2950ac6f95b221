// Events: what the engine tells about itself while it works. One small struct an event; the text
// form of each (events/event_text.h) is what the event log, the visualizer and the golden tests
// read.
//
// A listener is called in the thread that did the work, at times with locks held: it must return
// soon and must not call the database. Levels count from 0; sizes are bytes; times microseconds.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace lsm::event {

struct Write {            // a group commit became visible
  uint64_t sequence = 0;  // of its first update
  uint64_t count = 0;     // updates
  uint64_t writers = 0;   // calls merged into the group
  uint64_t bytes = 0;
  bool sync = false;
};
struct WalAppend {
  uint64_t file = 0, offset = 0, bytes = 0;
};
struct WalSync {
  uint64_t file = 0, bytes = 0;
};  // durable up to `bytes`
struct WalRotate {
  uint64_t old_file = 0, new_file = 0;
};
struct MemtableSealed {
  uint64_t id = 0, wal = 0, entries = 0, bytes = 0;
};
struct FlushBegin {
  uint64_t memtable = 0, entries = 0;
};
struct FlushEnd {
  uint64_t memtable = 0, file = 0, bytes = 0;
  bool ok = false;
};
struct CompactionPicked {
  uint64_t job = 0;
  int level = 0, output_level = 0;
  std::vector<uint64_t> inputs, next_inputs;  // file numbers in level and output_level
  std::string reason;                         // the rule and its numbers
};
struct CompactionMoved {
  uint64_t job = 0, file = 0;
  int from_level = 0, to_level = 0;
};
struct CompactionOutput {
  uint64_t job = 0, file = 0, bytes = 0, entries = 0;
};
struct CompactionDropped {
  uint64_t job = 0;
  std::string key;
  uint64_t sequence = 0;
  std::string rule;
};
struct CompactionEnd {
  uint64_t job = 0, bytes_read = 0, bytes_written = 0, entries_in = 0, entries_out = 0;
  bool ok = false;
};
// A table goes with all that is in it: kFifo. Told before the edit that takes it out of the tree,
// so that nobody sees it gone untold, whatever happens between; if the edit fails it stays, and is
// told again.
struct TableExpired {
  uint64_t job = 0, file = 0;
  uint64_t last_sequence = 0;     // of its newest update: nothing that is newer goes with it
  std::string smallest, largest;  // its first and its last key: nothing outside goes with it
};
// A table where it stands in the tree: a level holds runs, the newest has the highest number.
struct Table {
  uint64_t file = 0;
  int level = 0;
  uint64_t run = 0, bytes = 0;
  std::string smallest, largest;  // user keys, both inclusive
};
// An edit is durable and visible: first the tables in `removed` go, then those in `added` come. The
// first one behind a RecoveryStep "manifest" holds the tree that was found, so that the tree at any
// time follows from the events alone (events/event_tree.h).
struct VersionInstalled {
  uint64_t manifest = 0, last_sequence = 0, log_number = 0;
  std::vector<Table> added;
  std::vector<uint64_t> removed;  // file numbers
};
struct FileRemoved {
  uint64_t file = 0;
  std::string name;
};
struct StallBegin {
  std::string cause;
  uint64_t l0_runs = 0, immutables = 0;
};
struct StallEnd {
  std::string cause;
  uint64_t waited_us = 0;
};
struct Slowdown {  // writers are delayed by so much, or less if the cause goes away
  std::string cause;
  uint64_t l0_runs = 0, delay_us = 0;
};
struct LookupHop {  // one place that a Get asked
  std::string key;
  std::string place;   // "memtable", "immutable", "L<n>:<file>"
  std::string answer;  // "filter-no", "false-positive", "miss", "found", "deleted"
};
struct RecoveryStep {
  std::string what;
  uint64_t file = 0, offset = 0, records = 0;
};
struct BackgroundError {
  std::string where, status;
};
struct Resumed {
  bool automatic = false;
};
struct Opened {
  uint64_t last_sequence = 0, files = 0;
};
struct Closed {
  std::string status;
};

}  // namespace lsm::event

namespace lsm {

using Event = std::variant<event::Write, event::WalAppend, event::WalSync, event::WalRotate,
                           event::MemtableSealed, event::FlushBegin, event::FlushEnd,
                           event::CompactionPicked, event::CompactionMoved, event::CompactionOutput,
                           event::CompactionDropped, event::CompactionEnd, event::TableExpired,
                           event::VersionInstalled, event::FileRemoved, event::StallBegin,
                           event::StallEnd, event::Slowdown, event::LookupHop, event::RecoveryStep,
                           event::BackgroundError, event::Resumed, event::Opened, event::Closed>;

class EventListener {
 public:
  virtual ~EventListener() = default;
  virtual void OnEvent(const Event& event) = 0;  // thread-safe
};

}  // namespace lsm
