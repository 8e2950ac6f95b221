#include "testing/sim/io_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace lsm::sim {
namespace {

Status PowerCut(const char* what, const std::string& path) {
  return Status::IOError(fmt::format("{} {}: simulated power cut", what, path));
}

}  // namespace

Status IoGate::Pass(const char* what, const std::string& path, uint64_t boot) {
  scheduler_->Point(what);
  return HasPower(boot) ? Status::Ok() : PowerCut(what, path);
}

Status IoGate::PassCounted(const char* what, const std::string& path, uint64_t boot) {
  LSM_RETURN_IF_ERROR(Pass(what, path, boot));
  if (hook_) hook_({count_, what, path});
  if (count_ >= crash_at_) crashed_ = true;
  if (crashed_) {
    Log(what, path, " power cut");
    return PowerCut(what, path);
  }
  const uint64_t index = count_;
  const auto hits = [index](const Fault& fault) {
    return index == fault.index || (fault.sticky && index > fault.index);
  };
  const auto fault = std::find_if(faults_.begin(), faults_.end(), hits);
  Log(what, path, fault == faults_.end() ? "" : " injected");
  ++count_;
  if (fault == faults_.end()) return Status::Ok();
  return {fault->code, fmt::format("{} {}: injected", what, path)};
}

void IoGate::Log(const char* what, const std::string& path, const char* outcome) {
  if (log_ == nullptr) return;
  fmt::format_to(std::back_inserter(*log_), "io {} {} {}{}\n", count_, what, path, outcome);
}

void IoGate::Restart() {
  ++boot_;
  crashed_ = false;
  crash_at_ = UINT64_MAX;
}

}  // namespace lsm::sim
