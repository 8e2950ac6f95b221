#include "testing/fault_watch.h"

#include <algorithm>

#include "format/filename.h"

namespace lsm::lab {
namespace {

FileKind KindOf(const std::string& path) {
  return ParseFileName(std::string_view(path).substr(path.rfind('/') + 1)).kind;
}

bool IsHarmless(const sim::IoOperation& io) {
  const FileKind kind = KindOf(io.path);
  const bool gives_space_back = io.what == "close" || io.what == "truncate";
  return io.what == "remove" || io.what == "link" || kind == FileKind::kInfoLog ||
         (kind == FileKind::kWal && gives_space_back);
}

}  // namespace

void FaultWatch::Arm(sim::SimEnv* env, uint64_t index, StatusCode code, bool sticky) {
  env->FailIo(index, code, sticky);
  armed_.push_back({index, sticky});
}

void FaultWatch::Repair(sim::SimEnv* env) {
  env->ClearFaults();
  armed_.clear();
}

void FaultWatch::Reset() {
  fired_.reset();
  harmful_ = log_failed_ = surfaced_ = false;
}

void FaultWatch::OnIo(const sim::IoOperation& io) {
  const bool hit = std::any_of(armed_.begin(), armed_.end(), [&](const Armed& fault) {
    return io.index == fault.index || (fault.sticky && io.index > fault.index);
  });
  if (!hit) return;
  const bool harmless = IsHarmless(io);
  if (!fired_.has_value() || (!harmful_ && !harmless)) fired_ = io;
  harmful_ = harmful_ || !harmless;
  log_failed_ = log_failed_ ||
                (KindOf(io.path) == FileKind::kWal && (io.what == "append" || io.what == "flush" ||
                                                       io.what == "publish" || io.what == "sync"));
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
