#include "tools/verify/workloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "lsm/env.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

constexpr std::string_view kExtension = ".trace";
constexpr std::array<std::string_view, 3> kSyncs = {"on_request", "every_write", "interval"};
constexpr std::array<std::string_view, 2> kModes = {"plain", "mapped"};
constexpr size_t kBatchUpdates = 3;

void SetTraceOption(Trace* trace, std::string_view name, std::string_view value) {
  for (auto& [option, old] : trace->options) {
    if (option == name) old = value;
  }
  const auto is_it = [name](const auto& option) { return option.first == name; };
  if (std::none_of(trace->options.begin(), trace->options.end(), is_it)) {
    trace->options.emplace_back(name, value);
  }
}

// Neighbouring writes become one batch of up to kBatchUpdates; a synced write ends its batch.
void JoinWrites(Trace* trace) {
  std::vector<Operation> joined;
  for (Operation& op : trace->operations) {
    const bool fits = op.IsWrite() && !joined.empty() && joined.back().IsWrite() &&
                      joined.back().client == op.client && !joined.back().sync &&
                      joined.back().updates.size() + op.updates.size() <= kBatchUpdates;
    if (!fits) {
      joined.push_back(std::move(op));
      continue;
    }
    Operation& batch = joined.back();
    batch.kind = Operation::Kind::kBatch;
    batch.sync = op.sync;
    for (Update& update : op.updates) batch.updates.push_back(std::move(update));
  }
  trace->operations = std::move(joined);
}

}  // namespace

Result<std::vector<Workload>> LoadWorkloads() {
  const std::string dir = LSM_WORKLOADS "/";
  LSM_ASSIGN_OR_RETURN(std::vector<std::string> names, Env::Default()->ListDir(dir));
  std::sort(names.begin(), names.end());
  std::vector<Workload> workloads;
  for (const std::string& name : names) {
    if (!name.ends_with(kExtension)) continue;
    LSM_ASSIGN_OR_RETURN(const std::string text, LoadText(dir + name));
    auto trace = Parse(text);
    if (!trace.ok())
      return Status::InvalidArgument(fmt::format("{}{}: {}", dir, name, trace.status().message()));
    workloads.push_back({name.substr(0, name.size() - kExtension.size()), std::move(*trace)});
  }
  return workloads;
}

Trace VariantOf(const Trace& workload, uint64_t variant) {
  static_assert(kVariants == kSyncs.size() * kModes.size() * 2);
  Trace trace = workload;
  SetTraceOption(&trace, "wal_sync", kSyncs[variant % kSyncs.size()]);
  const std::string_view mode = kModes[variant / kSyncs.size() % kModes.size()];
  SetTraceOption(&trace, "wal_io", mode);
  SetTraceOption(&trace, "read_io", mode);
  if (variant >= kVariants / 2) JoinWrites(&trace);
  return trace;
}

std::vector<Trace> AllVariants(const std::vector<Workload>& workloads) {
  std::vector<Trace> traces;
  for (uint64_t v = 0; v < kVariants; ++v) {
    for (size_t w = 0; w < workloads.size(); ++w) {
      traces.push_back(VariantOf(workloads[w].trace, (5 * v + w) % kVariants));
    }
  }
  return traces;
}

}  // namespace lsm::lab
