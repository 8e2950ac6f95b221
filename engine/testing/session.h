// World: what the clients of one run share. Session: one client's operations on the database, each
// answer judged at once.
//
// Thread-safety: the tasks of a SimEnv take turns, so nothing here needs a lock.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lsm/db.h"
#include "testing/answer_judge.h"
#include "testing/fault_watch.h"
#include "testing/io_names.h"
#include "testing/number_watch.h"
#include "testing/runner.h"
#include "testing/trace.h"

namespace lsm::lab {

// All entries of an iterator's range, forward. An error stays in iterator->status().
std::vector<std::pair<std::string, std::string>> WalkForward(Iterator* iterator);
// The same, walked from the end; also in ascending order.
std::vector<std::pair<std::string, std::string>> WalkBackward(Iterator* iterator);

inline constexpr char kDbPath[] = "/db";
// What an operation answers that names no open snapshot.
inline constexpr char kNoSnapshot[] = "nothing: no such snapshot";

struct World {
  World(const Trace& trace_in, const RunOptions& run_options);

  const Trace& trace;
  const RunOptions& run;
  RunResult result;
  sim::SimEnv env;
  Options options;
  std::unique_ptr<AnswerJudge> judge;
  IoNames names;
  NumberWatch numbers{kDbPath};
  FaultWatch faults;
  std::unique_ptr<DB> db;

  // Notes the first violation; later ones are its consequences. What docs/guarantees.md does not
  // promise under the faults so far ends the run without one. `reported`: an operation said so.
  void Fail(Property property, size_t step, std::string key, std::string expected,
            std::string actual, bool reported = false);
  void Judge(const Verdict& verdict, size_t step);
  bool failed() const { return !result.ok || !result.excused.empty(); }  // nothing is judged now
  // Judges the status of an operation that has no other reason to fail. True if it is OK.
  bool Expect(const Status& status, size_t step);
  // Around each call: an error that struck within it must have been told (P9).
  void BeginCall() { faults.BeginCall(); }
  void EndCall(size_t step) { ExpectTold(faults.EndCall(), step); }
  // The same for an operation that failed, if nobody told of it.
  void ExpectTold(const std::optional<std::string>& swallowed, size_t step);
};

class Session {
 public:
  Session(World* world, size_t client) : world_(world), client_(client) {}
  ~Session() { CloseAll(); }

  // Runs one operation that a client may ask for; what it answered, for a person.
  std::string Do(const Operation& op, size_t step);
  // Before the database goes.
  void CloseAll();
  bool HasIterators() const { return !iterators_.empty(); }

 private:
  struct OpenSnapshot {
    const Snapshot* snapshot;
    AnswerJudge::View view;
  };
  struct OpenIterator {
    std::unique_ptr<Iterator> iterator;
    AnswerJudge::View view;
    KeyRange range;
  };

  // Whether data goes by itself, at any moment.
  bool MayExpire() const { return world_->options.policy == CompactionPolicy::kFifo; }
  std::string Perform(const Operation& op, size_t step);
  std::string Write(const Operation& op, size_t step);
  std::string Get(const Operation& op, size_t step);
  std::string MultiGet(const Operation& op, size_t step);
  std::string Scan(const Operation& op, size_t step);
  std::string Zigzag(const Operation& op, size_t step);
  std::string TakeSnapshot(const Operation& op);
  std::string Release(const Operation& op);
  std::string Iterate(const Operation& op, size_t step);
  std::string CheckIterator(const Operation& op, size_t step);
  std::string Checkpoint(size_t step);
  std::string Maintain(const Operation& op, size_t step);

  // session_verbs.cc
  std::string PrefixScan(const Operation& op, size_t step);
  std::string Sizes(const Operation& op, size_t step);
  void CheckSizes(const SizeOptions& options, const KeyRange& range, size_t step);
  std::string DeleteFiles(const Operation& op, size_t step);
  bool ReadNow(const KeyRange& range, Property otherwise, size_t step, Contents* contents);

  // Reads through the snapshot that `op` names or the newest state: read(options) between the
  // bounds of *view. False if there is no such snapshot.
  template <class Read>
  bool ReadAt(const Operation& op, AnswerJudge::View** view, Read read);
  std::string CheckWalk(Iterator* iterator, AnswerJudge::View* view, const KeyRange& range,
                        bool backward_first, Property property, size_t step);

  World* const world_;
  const size_t client_;
  std::map<std::string, OpenSnapshot> snapshots_;
  std::map<std::string, OpenIterator> iterators_;
  AnswerJudge::View newest_;
};

template <class Read>
bool Session::ReadAt(const Operation& op, AnswerJudge::View** view, Read read) {
  ReadOptions options;
  if (!op.at.empty()) {
    const auto open = snapshots_.find(op.at);
    if (open == snapshots_.end()) return false;
    options.snapshot = open->second.snapshot;
    *view = &open->second.view;
    read(options);
    return true;
  }
  newest_ = world_->judge->BeginView(client_);
  read(options);
  world_->judge->EndView(&newest_);
  *view = &newest_;
  return true;
}

}  // namespace lsm::lab
