// The gate that every file operation passes before it takes effect: a schedule point, then the
// power, the hook, the crash point, the faults, and one line in the log.
//
// Operations that change the disk are counted from 0. What a fault does to an operation is told by
// the Outcome; the operation itself obeys it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lsm/status.h"
#include "testing/sim/fault.h"
#include "testing/sim/scheduler.h"
#include "testing/sim/sim_env.h"

namespace lsm::sim {

// What becomes of an operation. `error` is OK unless a fault strikes or the power is off.
struct [[nodiscard]] Outcome {
  Status error;
  std::optional<Effect> effect;  // none: no fault
  uint64_t short_bytes = 0;      // kShort

  // Does the operation take effect, whole? It then returns `error`.
  bool happens() const { return error.ok() || effect == Effect::kDone; }
  // How many of n bytes an append or a read passes on.
  uint64_t Part(uint64_t n) const;
};

class IoGate {
 public:
  IoGate(Scheduler* scheduler, std::string* log) : scheduler_(scheduler), log_(log) {}

  // `boot` is the boot() in which the file was opened: files of before a restart are dead.
  Outcome Pass(const IoRequest& io, uint64_t boot);
  Outcome Pass(const IoRequest& io) { return Pass(io, boot_); }
  // For calls that are no operation of their own: only a schedule point and the power.
  Status PassUncounted(const char* what, const std::string& path, uint64_t boot);
  Status PassUncounted(const char* what, const std::string& path) {
    return PassUncounted(what, path, boot_);
  }

  // An operation that passed returns `late`, which is OK or what a sync kept for itself.
  Status ToldLate(const IoRequest& io, Status late);

  bool HasPower(uint64_t boot) const { return !crashed_ && boot == boot_; }
  uint64_t boot() const { return boot_; }
  uint64_t count() const { return count_; }
  bool crashed() const { return crashed_; }
  void Crash() { crashed_ = true; }
  void CrashAt(const IoAddress& at) { crash_at_ = Trigger{at, 0}; }
  void CancelCrash() { crash_at_.reset(); }
  void Restart();

  size_t AddFault(const Fault& fault);
  void ClearFaults();
  uint64_t Struck(size_t id) const { return faults_[id].struck; }
  void set_hook(IoHook hook) { hook_ = std::move(hook); }
  void set_fault_hook(FaultHook hook) { fault_hook_ = std::move(hook); }

 private:
  struct Trigger {
    IoAddress at;
    uint64_t seen;
    bool Reached(const IoRequest& io);  // counts it, if it matches
  };
  struct Armed {
    Fault fault;
    Trigger trigger;
    uint64_t struck;
  };

  Armed* FindFault(const IoRequest& io);
  IoOperation Describe(const IoRequest& io) const;
  void Log(const IoRequest& io, std::string_view outcome);

  Scheduler* const scheduler_;
  std::string* const log_;
  uint64_t boot_ = 0;
  uint64_t count_ = 0;
  bool crashed_ = false;
  std::optional<Trigger> crash_at_;
  std::vector<Armed> faults_;  // all since the start: ids stay valid
  size_t first_active_ = 0;    // those before were cleared
  IoHook hook_;
  FaultHook fault_hook_;
};

}  // namespace lsm::sim
