#include "testing/fault_watch.h"

#include <algorithm>

#include "format/filename.h"
#include "testing/session.h"

namespace lsm::lab {
namespace {

constexpr uint64_t kLogBlockBytes = 32768;  // docs/formats/wal.md

FileKind KindOf(const std::string& path) {
  return ParseFileName(std::string_view(path).substr(path.rfind('/') + 1)).kind;
}

FaultClass ClassOf(const sim::Fault& fault) {
  switch (fault.effect) {
    case sim::Effect::kDone:
      return FaultClass::kIoErrorAfterwards;
    case sim::Effect::kKeep:
    case sim::Effect::kRevert:
      return FaultClass::kFailedSync;
    case sim::Effect::kLate:
      return FaultClass::kLateSync;
    case sim::Effect::kLie:
      return FaultClass::kLyingSync;
    case sim::Effect::kFail:
    case sim::Effect::kShort:
      break;
  }
  return fault.code == StatusCode::kNoSpace ? FaultClass::kFullDisk : FaultClass::kIoError;
}

// The close of a log that reports a failed sync is none of the harmless ones.
bool IsHarmless(const sim::IoOperation& io, FaultClass fault) {
  const FileKind kind = KindOf(io.path);
  const bool gives_space_back = io.kind == sim::IoKind::kClose || io.kind == sim::IoKind::kTruncate;
  return io.kind == sim::IoKind::kRemove || io.kind == sim::IoKind::kLink ||
         kind == FileKind::kInfoLog ||
         (kind == FileKind::kWal && gives_space_back && fault != FaultClass::kFailedSync);
}

bool IsTorn(const sim::Fate& fate) {
  return fate.kind == sim::Fate::Kind::kBoth || fate.kind == sim::Fate::Kind::kNeither ||
         fate.kind == sim::Fate::Kind::kGone;
}

bool IsStale(const sim::Fate& fate) { return fate.kind == sim::Fate::Kind::kStale; }

// Old bytes where a block of a log begins: the rest of a record may be that of another one.
bool MayJoinRecords(const sim::UnsyncedUnit& unit) {
  const bool is_size = unit.kind == sim::UnsyncedUnit::Kind::kSize;
  const uint64_t begin = is_size ? unit.old_size : unit.begin;
  const uint64_t end = is_size ? unit.offset : unit.end;
  const FileKind kind = KindOf(unit.path);
  return (kind == FileKind::kWal || kind == FileKind::kManifest) &&
         end > std::max<uint64_t>(kLogBlockBytes,
                                  (begin + kLogBlockBytes - 1) / kLogBlockBytes * kLogBlockBytes);
}

std::optional<std::string> Show(const std::optional<sim::IoOperation>& hit) {
  if (!hit.has_value()) return std::nullopt;
  return hit->what + " " + hit->path;
}

}  // namespace

// --- What happens ---

void FaultWatch::Arm(size_t step, const sim::Fault& fault, const IoNames& names) {
  all_.push_back({step, env_->AddFault(fault), fault, names.Here(), std::nullopt});
  armed_ = true;
}

void FaultWatch::OnFault(const sim::IoOperation& io, const sim::Fault& fault,
                         const IoNames& names) {
  for (Armed& armed : all_) {
    if (armed.struck.has_value() || env_->Struck(armed.id) == 0) continue;
    // A fault that strikes again goes by its own address: a name would match other operations.
    const bool is_named = armed.fault.times != 1 || armed.fault.at.io != sim::IoKind::kAny ||
                          armed.fault.at.file != sim::FileRole::kAny;
    armed.struck = is_named ? armed.fault.at : names.NewestSince(armed.from);
  }
  const FaultClass what = ClassOf(fault);
  if (what == FaultClass::kLyingSync) {
    lasting_.insert(what);
    return;
  }
  errors_.insert(what);
  if (what == FaultClass::kLateSync) {
    losses_.insert(what);
    return;
  }
  if (fault.effect == sim::Effect::kRevert) losses_.insert(FaultClass::kPowerCut);
  if (IsHarmless(io, what)) return;
  const auto call = calls_.find(io.task);
  if (call != calls_.end()) {
    call->second = io;
  } else if (!stopped_) {
    elsewhere_ = io;
  }
  const bool writes = io.kind == sim::IoKind::kAppend || io.kind == sim::IoKind::kSync;
  // A checkpoint that a client opened has logs of its own.
  const bool of_the_database = io.path.starts_with(std::string(kDbPath) + "/");
  log_failed_ = log_failed_ || (writes && of_the_database && KindOf(io.path) == FileKind::kWal);
}

void FaultWatch::OnCut(bool killed, const std::vector<sim::UnsyncedUnit>& units,
                       const sim::Image& image) {
  losses_.insert(killed ? FaultClass::kKill : FaultClass::kPowerCut);
  if (std::any_of(image.begin(), image.end(), IsTorn)) lasting_.insert(FaultClass::kTornRename);
  for (size_t i = 0; i < std::min(units.size(), image.size()); ++i) {
    if (!IsStale(image[i])) continue;
    losses_.insert(MayJoinRecords(units[i]) ? FaultClass::kStaleBlock : FaultClass::kStaleSpace);
  }
}

void FaultWatch::OnEvent(const Event& event) {
  if (std::holds_alternative<event::BackgroundError>(event)) {
    elsewhere_.reset();
    stopped_ = true;
  }
  if (std::holds_alternative<event::Resumed>(event)) log_failed_ = stopped_ = false;
  if (std::holds_alternative<event::TableExpired>(event)) {
    lasting_.insert(FaultClass::kExpiry);
    ++expiries_;
  }
}

void FaultWatch::Repair() {
  env_->ClearFaults();
  armed_ = false;
}

void FaultWatch::Reset() {
  errors_.clear();
  elsewhere_.reset();
  log_failed_ = stopped_ = false;
}

// --- Calls ---

void FaultWatch::BeginCall() { calls_[env_->CurrentTask()] = std::nullopt; }

void FaultWatch::OnError() {
  const auto call = calls_.find(env_->CurrentTask());
  const bool of_the_call = call != calls_.end() && call->second.has_value();
  (of_the_call ? call->second : elsewhere_).reset();
}

std::optional<std::string> FaultWatch::EndCall() {
  const auto call = calls_.extract(env_->CurrentTask());
  return call.empty() ? std::nullopt : Show(call.mapped());
}

std::optional<std::string> FaultWatch::Swallowed() const { return Show(elsewhere_); }

// --- What follows ---

bool FaultWatch::MayFail() const {
  // The classes of damage are the last ones.
  const bool damaged = !lasting_.empty() && *lasting_.rbegin() >= FaultClass::kDamage;
  return env_->Crashed() || active() || damaged;
}

// The weakest under all that counts.
Promise FaultWatch::PromiseOf(Property property) const {
  std::vector<Circumstances> all{{FaultClass::kNone, options_->read_io, options_->wal_sync}};
  for (const auto* faults : {&errors_, &losses_, &lasting_}) {
    for (const FaultClass fault : *faults) {
      all.push_back({fault, options_->read_io, options_->wal_sync});
    }
  }
  return WeakestPromise(property, all);
}

AnswerJudge::End FaultWatch::End() const {
  if (lasting_.count(FaultClass::kTailDamage) > 0) return AnswerJudge::End::kDamaged;
  return losses_.count(FaultClass::kPowerCut) > 0 ? AnswerJudge::End::kPowerCut
                                                  : AnswerJudge::End::kKilled;
}

}  // namespace lsm::lab
