// FaultWatch: all that went wrong with the machine of a run, and what follows from it: what may
// fail, what is still promised, what a recovery may lack, and which error nobody told (P9, P10).
//
// What happened counts as a FaultClass of the guarantee matrix for a while:
//   until Reset        an injected error, from when it strikes until the machine works again and
//                      the database was resumed or reopened: operations may fail
//   until OnRecovered  what the next recovery is judged by: a kill, a power cut, pages that fell
//                      back to what is durable, a sync that said OK and was not
//   for good           tables that expired, damage, a rename torn by a power cut, a sync that lied
//
// P9: an error that was injected must surface. One that strikes within a call, in the task that
// made it, is the result of that call; one that strikes elsewhere is a background error or the
// result of some operation, unless a background error stands already. A late one counts when it is
// reported, by the next sync or close of its file. Harmless are: an obsolete file that could not be
// removed yet, space that a finished log could not give back, a link in whose place a checkpoint
// copies, the info log. P10: after a failed write or sync of a log, a write that begins before
// resume or reopen must fail. Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lsm/event.h"
#include "testing/answer_judge.h"
#include "testing/guarantees.h"
#include "testing/io_names.h"
#include "testing/sim/sim_env.h"

namespace lsm::lab {

class FaultWatch final : public EventListener {
 public:
  struct Armed {
    size_t step;  // of the trace
    size_t id;    // SimEnv's
    sim::Fault fault;
    IoNames::Counts from;
    std::optional<sim::IoAddress> struck;  // where it struck first
  };

  // Both outlive the watch; promises are asked for the options' I/O and sync modes.
  FaultWatch(sim::SimEnv* env, const Options* options) : env_(env), options_(options) {}

  // --- What happens ---
  void Arm(size_t step, const sim::Fault& fault, const IoNames& names);
  void OnFault(const sim::IoOperation& io, const sim::Fault& fault, const IoNames& names);
  void OnCut(bool killed, const std::vector<sim::UnsyncedUnit>& units, const sim::Image& image);
  void OnDamage(FaultClass damage) { lasting_.insert(damage); }
  void OnEvent(const Event& event) override;
  void Repair();  // the machine works again; Reset: the database does, too
  void Reset();
  void OnRecovered() { losses_.clear(); }

  // --- Calls, by the task that makes them ---
  void BeginCall();
  void OnError();  // an operation returned an error
  // The operation that failed within the call, if the call did not say so.
  std::optional<std::string> EndCall();
  // The same for what failed elsewhere, since the last Reset.
  std::optional<std::string> Swallowed() const;

  // --- What follows ---
  bool MayFail() const;  // any operation, now
  Promise PromiseOf(Property property) const;
  AnswerJudge::End End() const;  // how the database ended that is opened next
  bool armed() const { return armed_; }
  bool active() const { return !errors_.empty(); }
  bool log_failed() const { return log_failed_; }
  bool stopped() const { return stopped_; }  // a background error stands
  const std::vector<Armed>& all() const { return all_; }
  uint64_t expiries() const { return expiries_; }  // of tables, told so far

 private:
  // An operation that was hit, told or not.
  using Hit = std::optional<sim::IoOperation>;

  sim::SimEnv* const env_;
  const Options* const options_;
  std::vector<Armed> all_;  // of the whole trace
  bool armed_ = false;
  std::set<FaultClass> errors_, losses_, lasting_;
  std::map<uint64_t, Hit> calls_;  // by task
  Hit elsewhere_;
  bool log_failed_ = false;
  bool stopped_ = false;
  uint64_t expiries_ = 0;
};

}  // namespace lsm::lab
