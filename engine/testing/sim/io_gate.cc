#include "testing/sim/io_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace lsm::sim {
namespace {

Status PowerCut(const char* what, const std::string& path) {
  return Status::IOError(fmt::format("{} {}: simulated power cut", what, path));
}

}  // namespace

uint64_t Outcome::Part(uint64_t n) const {
  if (happens()) return n;
  return effect == Effect::kShort && n > 0 ? std::min(short_bytes, n - 1) : 0;
}

bool IoGate::Trigger::Reached(const IoRequest& io) { return at.Matches(io) && ++seen >= at.nth; }

// All faults count; the first that strikes is the one.
IoGate::Armed* IoGate::FindFault(const IoRequest& io) {
  Armed* found = nullptr;
  for (size_t i = first_active_; i < faults_.size(); ++i) {
    Armed& armed = faults_[i];
    const bool strikes = armed.trigger.Reached(io) && armed.struck < armed.fault.times;
    if (strikes && found == nullptr) found = &armed;
  }
  if (found != nullptr) ++found->struck;
  return found;
}

Status IoGate::PassUncounted(const char* what, const std::string& path, uint64_t boot) {
  scheduler_->Step(what);
  return HasPower(boot) ? Status::Ok() : PowerCut(what, path);
}

Outcome IoGate::Pass(const IoRequest& io, uint64_t boot) {
  if (Status off = PassUncounted(io.what, io.path, boot); !off.ok()) return {std::move(off), {}, 0};
  if (hook_ && io.IsChange()) hook_(Describe(io));
  if (crash_at_.has_value() && crash_at_->Reached(io)) crashed_ = true;
  if (crashed_) {
    Log(io, " power cut");
    return {PowerCut(io.what, io.path), {}, 0};
  }
  const Armed* armed = FindFault(io);
  if (armed == nullptr) {
    Log(io, "");
    if (io.IsChange()) ++count_;
    return {};
  }
  const Fault fault = armed->fault;  // the hook may arm more
  Log(io, fmt::format(" injected {}", NameOf(fault.effect)));
  if (fault_hook_) fault_hook_(Describe(io), fault);
  if (io.IsChange()) ++count_;
  return {
      {fault.code, fmt::format("{} {}: injected", io.what, io.path)}, fault.effect, fault.bytes};
}

Status IoGate::ToldLate(const IoRequest& io, Status late) {
  if (late.ok()) return late;
  Log(io, " told late");
  if (fault_hook_) fault_hook_(Describe(io), {{}, late.code(), Effect::kKeep});
  return late;
}

IoOperation IoGate::Describe(const IoRequest& io) const {
  return {count_, io.kind, io.what, io.path, scheduler_->current_task()};
}

void IoGate::Log(const IoRequest& io, std::string_view outcome) {
  if (log_ == nullptr || (!io.IsChange() && outcome.empty())) return;
  fmt::format_to(std::back_inserter(*log_), "io {} {} {}{}\n", count_, io.what, io.path, outcome);
}

size_t IoGate::AddFault(const Fault& fault) {
  LSM_CHECK(CheckFault(fault).ok());
  faults_.push_back({fault, {fault.at, 0}, 0});
  return faults_.size() - 1;
}

void IoGate::ClearFaults() { first_active_ = faults_.size(); }

void IoGate::Restart() {
  ++boot_;
  crashed_ = false;
  crash_at_.reset();
}

}  // namespace lsm::sim
