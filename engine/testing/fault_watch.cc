#include "testing/fault_watch.h"

#include "format/filename.h"

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

void FaultWatch::Arm(sim::SimEnv* env, const sim::Fault& fault) {
  env->AddFault(fault);
  armed_ = true;
}

void FaultWatch::Repair(sim::SimEnv* env) {
  env->ClearFaults();
  armed_ = false;
}

void FaultWatch::Reset() {
  fired_.reset();
  harmful_ = log_failed_ = surfaced_ = false;
}

void FaultWatch::OnFault(const sim::IoOperation& io, const sim::Fault&) {
  const bool harmless = IsHarmless(io);
  if (!fired_.has_value() || (!harmful_ && !harmless)) fired_ = io;
  harmful_ = harmful_ || !harmless;
  const bool writes = io.kind == sim::IoKind::kAppend || io.kind == sim::IoKind::kSync;
  log_failed_ = log_failed_ || (writes && KindOf(io.path) == FileKind::kWal);
}

void FaultWatch::OnEvent(const Event& event) {
  if (std::holds_alternative<event::BackgroundError>(event)) OnError();
  if (std::holds_alternative<event::Resumed>(event)) log_failed_ = false;
}

std::optional<std::string> FaultWatch::Swallowed() const {
  if (!harmful_ || surfaced_) return std::nullopt;
  return fired_->what + " " + fired_->path;
}

}  // namespace lsm::lab
