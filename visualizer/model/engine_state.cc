#include "model/engine_state.h"

#include <fmt/format.h>

#include <algorithm>

namespace lsm::viz {
namespace {

// Applies events to a state; one overload for each kind that says something about it.
class Applier {
 public:
  Applier(EngineState* state, const EventTree& tree, const EventTree::Change& change)
      : s_(*state), tree_(tree), change_(change) {}

  void operator()(const event::Write& e) {
    s_.last_sequence = e.sequence + e.count - 1;
    s_.active.entries += e.count;
    s_.active.bytes += e.bytes;
    ++s_.counters.batches;
    s_.counters.updates += e.count;
    s_.counters.user_bytes += e.bytes;
  }
  void operator()(const event::WalAppend& e) {
    Wal& log = Log(e.file);
    log.appended = e.offset + e.bytes;
    log.last_append = e.bytes;
    ++log.records;
    s_.counters.wal_bytes += e.bytes;
  }
  void operator()(const event::WalSync& e) {
    Wal& log = Log(e.file);
    log.appended = std::max(log.appended, e.bytes);
    log.synced = e.bytes;
    ++s_.counters.wal_syncs;
  }
  void operator()(const event::WalRotate& e) { Log(e.new_file); }
  void operator()(const event::MemtableSealed& e) {
    s_.immutables.push_back({e.id, e.entries, e.bytes, false});
    s_.active = {e.id + 1, 0, 0, false};
  }
  void operator()(const event::FlushBegin& e) {
    if (MemTable* m = Immutable(e.memtable)) m->flushing = true;
  }
  void operator()(const event::FlushEnd& e) {
    MemTable* const m = Immutable(e.memtable);
    if (m != nullptr) m->flushing = false;
    if (!e.ok) return;
    if (m != nullptr) s_.immutables.erase(s_.immutables.begin() + (m - &s_.immutables.front()));
    ++s_.counters.flushes;
    s_.counters.flush_bytes += e.bytes;
  }
  void operator()(const event::CompactionPicked& e) {
    Job job;
    job.picked = e;
    for (const std::vector<uint64_t>* files : {&e.inputs, &e.next_inputs}) {
      for (const uint64_t file : *files) {
        if (auto table = tree_.Find(file)) job.inputs.push_back(std::move(table));
      }
    }
    s_.jobs.push_back(std::move(job));
    while (s_.jobs.size() > EngineState::kMostJobs && s_.jobs.front().done) s_.jobs.pop_front();
  }
  void operator()(const event::CompactionMoved& e) {
    ++s_.counters.moves;
    if (Job* job = Find(e.job)) job->moved = job->done = job->ok = true;
  }
  void operator()(const event::CompactionOutput& e) {
    if (Job* job = Find(e.job)) job->outputs.push_back(e);
  }
  void operator()(const event::CompactionDropped& e) {
    ++s_.counters.dropped;
    Job* const job = Find(e.job);
    if (job == nullptr) return;
    ++job->dropped_count;
    job->dropped.push_back(e);
    if (job->dropped.size() > EngineState::kMostDropped) job->dropped.erase(job->dropped.begin());
  }
  void operator()(const event::CompactionEnd& e) {
    ++s_.counters.compactions;
    s_.counters.compaction_read += e.bytes_read;
    s_.counters.compaction_written += e.bytes_written;
    Job* const job = Find(e.job);
    if (job == nullptr) return;
    job->done = true;
    job->ok = e.ok;
    job->end = e;
  }
  void operator()(const event::TableExpired& e) {
    if (Job* job = Find(e.job)) job->done = job->ok = true;
  }
  void operator()(const event::VersionInstalled& e) {
    while (s_.logs.size() > 1 && s_.logs.front().file < e.log_number) s_.logs.pop_front();
    for (const EventTree::TableRef& table : change_.added) {
      for (Job& job : s_.jobs) {
        for (const event::CompactionOutput& output : job.outputs) {
          if (output.file == table->file && !job.done) job.installed.push_back(table);
        }
      }
    }
  }
  void operator()(const event::StallBegin& e) {
    s_.stall = e.cause;
    ++s_.counters.stalls;
  }
  void operator()(const event::StallEnd& e) {
    s_.stall.clear();
    s_.counters.stall_us += e.waited_us;
  }
  void operator()(const event::Slowdown&) { ++s_.counters.slowdowns; }
  void operator()(const event::LookupHop& e) {
    if (!s_.hops.empty() && (s_.hops.back().key != e.key || Ends(s_.hops.back()))) s_.hops.clear();
    s_.hops.push_back(e);
    ++s_.counters.hops;
    if (e.answer == "filter-no") ++s_.counters.filter_no;
    if (e.answer == "false-positive") ++s_.counters.false_positives;
    if (e.answer == "found") ++s_.counters.found;
  }
  void operator()(const event::RecoveryStep& e) {
    if (e.what != "manifest" && e.what != "created") return;
    EngineState begun;
    begun.counters = s_.counters;
    begun.table_bytes = s_.table_bytes;
    begun.l0_tables = s_.l0_tables;
    s_ = std::move(begun);
    if (e.what == "manifest") ++s_.counters.recoveries;
  }
  void operator()(const event::BackgroundError& e) {
    s_.error = e.status;
    ++s_.counters.errors;
  }
  void operator()(const event::Resumed&) { s_.error.clear(); }
  void operator()(const event::Opened& e) {
    s_.open = true;
    s_.last_sequence = e.last_sequence;
  }
  void operator()(const event::Closed&) { s_.open = false; }
  void operator()(const event::FileRemoved&) {}

 private:
  static bool Ends(const event::LookupHop& hop) {
    return hop.answer == "found" || hop.answer == "deleted";
  }
  Wal& Log(uint64_t file) {
    for (Wal& log : s_.logs) {
      if (log.file == file) return log;
    }
    s_.logs.push_back({});
    s_.logs.back().file = file;
    return s_.logs.back();
  }
  MemTable* Immutable(uint64_t id) {
    for (MemTable& m : s_.immutables) {
      if (m.id == id) return &m;
    }
    return nullptr;
  }
  Job* Find(uint64_t id) {
    for (Job& job : s_.jobs) {
      if (job.picked.job == id) return &job;
    }
    return nullptr;
  }

  EngineState& s_;
  const EventTree& tree_;
  const EventTree::Change& change_;
};

}  // namespace

void EngineState::Apply(const Event& event, const EventTree& tree,
                        const EventTree::Change& change) {
  std::visit(Applier(this, tree, change), event);
  for (const EventTree::TableRef& table : change.added) {
    table_bytes += table->bytes;
    l0_tables += table->level == 0;
  }
  for (const EventTree::TableRef& table : change.removed) {
    table_bytes -= table->bytes;
    l0_tables -= table->level == 0;
  }
}

std::string Levels(const event::CompactionPicked& picked) {
  return fmt::format("L{} -> L{}", picked.level, picked.output_level);
}

}  // namespace lsm::viz
