#include "testing/io_names.h"

namespace lsm::lab {

void IoNames::OnIo(const sim::IoOperation& io) {
  // Directories have no role in their names: all files of the operation are counted then.
  const sim::FileRole role = sim::RoleOf(io.path);
  const bool named = role != sim::FileRole::kOther && io.kind != sim::IoKind::kSyncDir;
  newest_ = {io.kind, named ? role : sim::FileRole::kAny};
  ++counts_[newest_];
  if (named) ++counts_[{io.kind, sim::FileRole::kAny}];
}

sim::IoAddress IoNames::NewestSince(const Counts& from) const {
  const auto count = [this](const Counts& counts) {
    const auto found = counts.find(newest_);
    return found == counts.end() ? 0 : found->second;
  };
  return {.io = newest_.first, .file = newest_.second, .nth = count(counts_) - count(from)};
}

}  // namespace lsm::lab
