// The gate that every file operation passes before it takes effect: a schedule point, then the
// power, then the index, the hook, the crash point, the faults, and one line in the log.
//
// Operations that change files are counted from 0; reads, opens, appends to a buffer and changes of
// directories' existence only need power. An operation that is not let through has no effect.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lsm/status.h"
#include "testing/sim/scheduler.h"
#include "testing/sim/sim_env.h"

namespace lsm::sim {

class IoGate {
 public:
  IoGate(Scheduler* scheduler, std::string* log) : scheduler_(scheduler), log_(log) {}

  // `boot` is the boot() in which the file was opened: files of before a restart are dead.
  Status Pass(const char* what, const std::string& path, uint64_t boot);
  Status PassCounted(const char* what, const std::string& path, uint64_t boot);
  Status Pass(const char* what, const std::string& path) { return Pass(what, path, boot_); }
  Status PassCounted(const char* what, const std::string& path) {
    return PassCounted(what, path, boot_);
  }

  bool HasPower(uint64_t boot) const { return !crashed_ && boot == boot_; }
  uint64_t boot() const { return boot_; }
  uint64_t count() const { return count_; }
  bool crashed() const { return crashed_; }
  void Crash() { crashed_ = true; }
  void CrashAt(uint64_t index) { crash_at_ = index; }
  void Restart();

  void AddFault(uint64_t index, StatusCode code, bool sticky) {
    faults_.push_back({index, code, sticky});
  }
  void ClearFaults() { faults_.clear(); }
  void set_hook(std::function<void(const IoOperation&)> hook) { hook_ = std::move(hook); }

 private:
  struct Fault {
    uint64_t index;
    StatusCode code;
    bool sticky;
  };

  void Log(const char* what, const std::string& path, const char* outcome);

  Scheduler* const scheduler_;
  std::string* const log_;
  uint64_t boot_ = 0;
  uint64_t count_ = 0;
  uint64_t crash_at_ = UINT64_MAX;
  bool crashed_ = false;
  std::vector<Fault> faults_;
  std::function<void(const IoOperation&)> hook_;
};

}  // namespace lsm::sim
