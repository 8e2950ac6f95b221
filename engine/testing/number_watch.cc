#include "testing/number_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/filename.h"

namespace lsm::lab {
namespace {

// 0 for a file whose number is not its own.
uint64_t OwnNumber(const std::string& name) {
  const ParsedFileName file = ParseFileName(name);
  const bool own = file.kind == FileKind::kWal || file.kind == FileKind::kTable ||
                   file.kind == FileKind::kManifest;
  return own ? file.number : 0;
}

}  // namespace

Verdict NumberWatch::OnSequence(uint64_t least, uint64_t sequence, bool durable) {
  if (sequence < least) {
    return {false, Property::kP7, "", fmt::format("a sequence number from {} up", least),
            std::to_string(sequence)};
  }
  least_ = std::max(least_, sequence);
  was_open_ = true;
  if (durable) durable_ = std::max(durable_, sequence);
  return {};
}

void NumberWatch::OnEnd(AnswerJudge::End end) {
  if (end == AnswerJudge::End::kPowerCut) least_ = durable_;
  if (end == AnswerJudge::End::kDamaged) least_ = durable_ = 0;
}

// Numbers of files that are gone are free; and all are while the database was never open: a
// creation that was interrupted begins again.
void NumberWatch::OnOpen(sim::SimEnv* env) {
  if (!was_open_) used_.clear();
  std::erase_if(
      used_, [&](const auto& file) { return !env->ReadWholeFile(dir_ + "/" + file.second).ok(); });
}

Verdict NumberWatch::OnIo(const sim::IoOperation& io) {
  const size_t slash = io.path.rfind('/');
  if (io.kind != sim::IoKind::kCreate || io.path.substr(0, slash) != dir_) return {};
  const std::string name = io.path.substr(slash + 1);
  const uint64_t number = OwnNumber(name);
  if (number == 0) return {};
  const auto [used, is_new] = used_.emplace(number, name);
  if (is_new) return {};
  return {false, Property::kP7, "", "a file number that was not used yet",
          fmt::format("{} is created, {} had the number", name, used->second)};
}

// A creation that failed may be tried again.
void NumberWatch::OnFault(const sim::IoOperation& io) {
  const size_t slash = io.path.rfind('/');
  if (io.kind != sim::IoKind::kCreate || io.path.substr(0, slash) != dir_) return;
  used_.erase(OwnNumber(io.path.substr(slash + 1)));
}

}  // namespace lsm::lab
