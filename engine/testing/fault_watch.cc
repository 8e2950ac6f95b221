#include "testing/fault_watch.h"

#include "format/filename.h"
#include "testing/session.h"

namespace lsm::lab {
namespace {

FileKind KindOf(const std::string& path) {
  return ParseFileName(std::string_view(path).substr(path.rfind('/') + 1)).kind;
}

bool IsHarmless(const sim::IoOperation& io) {
  const FileKind kind = KindOf(io.path);
  const bool gives_space_back = io.kind == sim::IoKind::kClose || io.kind == sim::IoKind::kTruncate;
  return io.kind == sim::IoKind::kRemove || io.kind == sim::IoKind::kLink ||
         kind == FileKind::kInfoLog || (kind == FileKind::kWal && gives_space_back);
}

}  // namespace

void FaultWatch::Arm(sim::SimEnv* env, size_t step, const sim::Fault& fault, const IoNames& names) {
  all_.push_back({step, env->AddFault(fault), fault, names.Here(), std::nullopt});
  armed_ = true;
}

void FaultWatch::Repair(sim::SimEnv* env) {
  env->ClearFaults();
  armed_ = false;
}

void FaultWatch::Reset() {
  fired_.reset();
  harmful_ = log_failed_ = stopped_ = surfaced_ = false;
}

void FaultWatch::OnFault(const sim::SimEnv& env, const sim::IoOperation& io,
                         const sim::Fault& fault, const IoNames& names) {
  for (Armed& armed : all_) {
    if (armed.struck.has_value() || env.Struck(armed.id) == 0) continue;
    // A fault that strikes again goes by its own address: a name would match other operations.
    const bool is_named = armed.fault.times != 1 || armed.fault.at.io != sim::IoKind::kAny ||
                          armed.fault.at.file != sim::FileRole::kAny;
    armed.struck = is_named ? armed.fault.at : names.NewestSince(armed.from);
  }
  lied_ = lied_ || fault.effect == sim::Effect::kLie;
  late_ = late_ || fault.effect == sim::Effect::kLate;
  reverted_ = reverted_ || fault.effect == sim::Effect::kRevert;
  if (fault.effect == sim::Effect::kLie) return;
  if (fault.effect == sim::Effect::kLate) {
    if (!fired_.has_value()) fired_ = io;
    return;
  }
  const bool harmless = IsHarmless(io);
  if (!fired_.has_value() || (!harmful_ && !harmless)) fired_ = io;
  harmful_ = harmful_ || !harmless;
  const bool writes = io.kind == sim::IoKind::kAppend || io.kind == sim::IoKind::kSync;
  // A checkpoint that a client opened has logs of its own.
  const bool of_the_database = io.path.starts_with(std::string(kDbPath) + "/");
  log_failed_ = log_failed_ || (writes && of_the_database && KindOf(io.path) == FileKind::kWal);
}

void FaultWatch::OnEvent(const Event& event) {
  if (std::holds_alternative<event::BackgroundError>(event)) {
    OnError();
    stopped_ = true;
  }
  if (std::holds_alternative<event::Resumed>(event)) log_failed_ = stopped_ = false;
}

std::optional<std::string> FaultWatch::Swallowed() const {
  if (!harmful_ || surfaced_) return std::nullopt;
  return fired_->what + " " + fired_->path;
}

}  // namespace lsm::lab
