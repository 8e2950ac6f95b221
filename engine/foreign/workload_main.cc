// Runs the operations of a trace on an engine, and tells the recorder before and after each.
//   foreign_workload ENGINE DIR TRACE
// A process of its own, so that the recorder is there before the engine, and so that an engine's
// threads never meet a fork.
#include <fmt/format.h>

#include "foreign/engine.h"
#include "lsm/env.h"
#include "testing/files.h"

// Of the preloaded recorder; null without one.
extern "C" __attribute__((weak)) void lsm_record_mark(const char* line);

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

void Mark(const std::string& line) {
  if (lsm_record_mark != nullptr) lsm_record_mark(line.c_str());
}

Status Do(const Operation& op, bool every_write, Engine* engine) {
  if (op.kind == Kind::kFlush) return engine->Flush();
  if (op.kind == Kind::kCompact) return engine->Compact(op.range);
  if (!op.IsWrite()) return Status::NotSupported("not an operation of a workload");
  WriteBatch batch;
  for (const Update& update : op.updates) {
    update.value.has_value() ? batch.Put(update.key, *update.value) : batch.Delete(update.key);
  }
  return engine->Write(batch, op.sync || every_write);
}

Status Run(const EngineInfo& info, const std::string& dir, const Trace& trace) {
  const Options options = OptionsOf(trace);
  std::unique_ptr<Engine> engine;
  const auto open = [&]() -> Status {
    LSM_ASSIGN_OR_RETURN(engine, info.open(options, dir));
    return Status::Ok();
  };
  Mark("engine " + info.name);
  for (const auto& [name, value] : trace.options) Mark(fmt::format("option {} {}", name, value));
  Mark("begin open");
  LSM_RETURN_IF_ERROR(open());
  Mark("end OK");
  for (const Operation& op : trace.operations) {
    Mark("begin " + Print(op));
    Status status;
    if (op.kind == Kind::kReopen) {
      status = engine->Close();
      engine.reset();
      if (status.ok()) status = open();
    } else {
      status = Do(op, options.wal_sync == WalSync::kEveryWrite, engine.get());
    }
    Mark("end " + status.ToString());
    if (!status.ok()) return status;
  }
  return engine->Close();
}

int Main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: {} ENGINE DIR TRACE\n", argv[0]);
    return 2;
  }
  const auto engine = FindEngine(argv[1]);
  const auto text = LoadText(argv[3]);
  const auto trace = text.ok() ? Parse(*text) : Result<Trace>(text.status());
  Status status = engine.ok() ? trace.status() : engine.status();
  if (status.ok()) status = Run(*engine, argv[2], *trace);
  if (status.ok()) return 0;
  fmt::print(stderr, "foreign_workload {}: {}\n", argv[1], status.ToString());
  return 1;
}

}  // namespace
}  // namespace lsm::lab

int main(int argc, char** argv) { return lsm::lab::Main(argc, argv); }
