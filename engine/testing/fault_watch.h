// FaultWatch: what became of the faults of a trace, for P9 and P10, and whether they struck at all.
//
// Faults are armed at addresses. All are over once the machine works again and the database was
// resumed or reopened. While one is active, errors are excused. P9: a fault that returned an error
// must surface in the result of an operation or as a background error, unless it hit something
// harmless: an obsolete file that could not be removed yet, space that a finished log could not
// give back, a link in whose place a checkpoint copies. A sync that says OK though it failed
// (`late`) or did nothing (`lie`) cannot surface there. P10: after a failed write or sync of a log,
// a write that begins before resume or reopen must fail.
// Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lsm/event.h"
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

  void Arm(sim::SimEnv* env, size_t step, const sim::Fault& fault, const IoNames& names);
  // The machine works again. Call Reset when the database does, too.
  void Repair(sim::SimEnv* env);
  void Reset();

  void OnFault(const sim::SimEnv& env, const sim::IoOperation& io, const sim::Fault& fault,
               const IoNames& names);
  void OnEvent(const Event& event) override;
  void OnError() { surfaced_ = surfaced_ || fired_.has_value(); }

  bool armed() const { return armed_; }
  bool active() const { return fired_.has_value(); }
  bool log_failed() const { return log_failed_; }
  bool stopped() const { return stopped_; }  // a background error stands
  bool lied() const { return lied_; }
  bool late() const { return late_; }  // since the last recovery
  // Since the last recovery: bytes that were seen fell back to what is durable, as after a power
  // cut.
  bool reverted() const { return reverted_; }
  void OnRecovered() { late_ = reverted_ = false; }
  // The failed operation, when it should have surfaced and did not.
  std::optional<std::string> Swallowed() const;
  const std::vector<Armed>& all() const { return all_; }

 private:
  std::vector<Armed> all_;  // of the whole trace
  bool armed_ = false;
  std::optional<sim::IoOperation> fired_;  // the first operation that was hit and is not harmless
  bool harmful_ = false;
  bool log_failed_ = false;
  bool stopped_ = false;
  bool surfaced_ = false;
  bool lied_ = false;
  bool late_ = false;
  bool reverted_ = false;
};

}  // namespace lsm::lab
