// NumberWatch: P7, sequence and file numbers never go back.
//
// Sequence numbers, as snapshots show them: within one open they never fall. After a clean close or
// a killed process they begin at the last one seen or higher, after a power cut at the last one
// that was seen to be durable. File numbers: a log, table or manifest is never created under a
// number that another file of the same open has had, or that a file had which was there when it
// began. Numbers of files that were gone by then may come again: nothing can refer to them. So may
// all numbers until a first open has succeeded.
// Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "testing/answer_judge.h"
#include "testing/sim/sim_env.h"

namespace lsm::lab {

class NumberWatch {
 public:
  explicit NumberWatch(std::string dir) : dir_(std::move(dir)) {}

  // What a snapshot that is taken from here on must show at least.
  uint64_t least() const { return least_; }
  uint64_t durable() const { return durable_; }
  // A snapshot that had to show `least` showed `sequence`; all that it covers is durable, or not
  // known to be.
  Verdict OnSequence(uint64_t least, uint64_t sequence, bool durable);
  // The database was opened after `end`; OnSequence comes next.
  void OnEnd(AnswerJudge::End end);

  // Before the directory is opened.
  void OnOpen(sim::SimEnv* env);
  // An operation is about to take effect, or does not.
  Verdict OnIo(const sim::IoOperation& io);
  void OnFault(const sim::IoOperation& io);

 private:
  const std::string dir_;
  bool was_open_ = false;
  uint64_t least_ = 0;                    // that a snapshot must show
  uint64_t durable_ = 0;                  // that survives a power cut
  std::map<uint64_t, std::string> used_;  // file number -> name
};

}  // namespace lsm::lab
