#include "foreign/record.h"

#include <fmt/format.h>

#include "foreign/disk_replay.h"
#include "foreign/engine_run.h"
#include "lsm/env.h"
#include "testing/files.h"
#include "testing/run_program.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

}  // namespace

Trace ToWorkload(Trace trace, const EngineInfo& engine, bool bulk) {
  constexpr size_t kInMemtable = 12, kEvery = 4;
  size_t pauses = 0;
  trace = FitTrace(std::move(trace), engine);
  std::erase_if(trace.operations, [&](const Operation& op) {
    if (op.IsWrite()) return false;
    if (op.kind != Kind::kFlush && op.kind != Kind::kCompact && op.kind != Kind::kReopen)
      return true;
    return bulk && ++pauses % kEvery != 0;
  });
  if (!bulk) return trace;
  const size_t memtable_bytes =
      std::max(engine.least_memtable_bytes, OptionsOf(trace).memtable_bytes);
  uint64_t values = 0;
  for (Operation& op : trace.operations) {
    for (Update& update : op.updates) {
      if (update.value.has_value()) {
        update.value = GeneratedBytes(memtable_bytes / kInMemtable, ++values);
      }
    }
  }
  return trace;
}

Result<Recording> RecordCommand(const std::vector<std::string>& command, const std::string& dir,
                                const std::string& log) {
  ProgramRun run;
  run.command = command;
  run.variables = {"LD_PRELOAD=" LSM_RECORDER, "LSM_RECORD_DIR=" + dir, "LSM_RECORD_LOG=" + log};
  LSM_ASSIGN_OR_RETURN(const int exit_status, RunProgram(run));
  if (exit_status != 0) {
    return Status::IOError(
        fmt::format("{} ended with status {}", fmt::join(command, " "), exit_status));
  }
  LSM_ASSIGN_OR_RETURN(const std::string text, LoadText(log));
  auto recording = ParseRecording(text);
  if (!recording.ok()) {
    return Status::Corruption(fmt::format("{}, {}", log, recording.status().message()));
  }
  DiskReplay replay;
  LSM_RETURN_IF_ERROR(replay.ApplyBefore(*recording, recording->calls.size()));
  const Status same = replay.CompareWith(dir);
  if (same.ok()) return recording;
  return Status::Corruption(
      fmt::format("the recording of {} is not complete: {}", command[0], same.message()));
}

Result<Recording> Record(const EngineInfo& engine, const Trace& workload) {
  const ScratchDir scratch;
  LSM_RETURN_IF_ERROR(scratch.status());
  const std::string dir = scratch.path() + "/db", trace = scratch.path() + "/trace";
  LSM_RETURN_IF_ERROR(Env::Default()->CreateDir(dir));
  LSM_RETURN_IF_ERROR(SaveText(trace, Print(workload)));
  return RecordCommand({LSM_WORKLOAD, engine.name, dir, trace}, dir, scratch.path() + "/calls");
}

}  // namespace lsm::lab
