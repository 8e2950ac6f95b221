// FaultWatch: what became of an injected error, for P9 and P10.
//
// Faults are armed at I/O operations. One fires when its operation comes; all are over once the
// machine works again and the database was resumed or reopened. While one is active, errors are
// excused. P9: once fired it must surface in the result of an operation or as a background error,
// unless it hit something harmless: an obsolete file that could not be removed yet, space that a
// finished log could not give back, a link in whose place a checkpoint copies. P10: after a failed
// write or sync of a log, a write that begins before resume or reopen must fail.
// Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <optional>
#include <string>

#include "lsm/event.h"
#include "testing/sim/sim_env.h"

namespace lsm::lab {

class FaultWatch final : public EventListener {
 public:
  void Arm(sim::SimEnv* env, const sim::Fault& fault);
  // The machine works again. Call Reset when the database does, too.
  void Repair(sim::SimEnv* env);
  void Reset();

  void OnFault(const sim::IoOperation& io, const sim::Fault& fault);
  void OnEvent(const Event& event) override;
  void OnError() { surfaced_ = surfaced_ || fired_.has_value(); }

  bool armed() const { return armed_; }
  bool active() const { return fired_.has_value(); }
  bool log_failed() const { return log_failed_; }
  // The failed operation, when it should have surfaced and did not.
  std::optional<std::string> Swallowed() const;

 private:
  bool armed_ = false;
  std::optional<sim::IoOperation> fired_;  // the first operation that was hit and is not harmless
  bool harmful_ = false;
  bool log_failed_ = false;
  bool surfaced_ = false;
};

}  // namespace lsm::lab
