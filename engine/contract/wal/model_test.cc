// A log against a vector of records, as RapidCheck state commands: appends, syncs, kills and power
// cuts in any order. What is read back is a prefix that has at least what was synced, and all of it
// after a kill (W-FRAME, W-SYNC, R-ORDER, R-END).
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

#include <stage/wal/wal.h>
#include "contract/wal/concept.h"
#include "testing/sim/random.h"
#include "testing/sim/sim_env.h"

namespace lsm::testing {
namespace {

struct Model {
  std::vector<std::string> records{};
  size_t synced = 0;  // of them
};

struct System {
  explicit System(IoMode io) : io_mode(io) {
    RC_ASSERT(env.CreateDir("/db").ok() && env.SyncDir("/").ok());
    Begin();
  }
  // Another log after each end of the machine, as in the engine.
  void Begin() {
    WritableFileOptions options;
    options.io = io_mode;
    path += "1";
    auto created = env.CreateWritable(path, options);
    RC_ASSERT(created.ok() && env.SyncDir("/db").ok());
    file = std::move(*created);
    writer = std::make_unique<LogWriter>(file.get());
  }

  const IoMode io_mode;
  std::string path = "/db/";
  sim::SimEnv env{sim::SimOptions{}};
  std::unique_ptr<WritableFile> file;
  std::unique_ptr<LogWriter> writer;
};

using Command = rc::state::Command<Model, System>;

// A record tells its place, so that a repeated or a missing one shows.
std::string RecordAt(size_t index, size_t size) {
  std::string record = std::to_string(index) + ":";
  record.resize(std::max(record.size(), size), static_cast<char>('a' + index % 26));
  return record;
}

struct Append : Command {
  // Small ones, and ones that end near the end of a block.
  size_t size = *rc::gen::oneOf(rc::gen::inRange<size_t>(0, 40),
                                rc::gen::inRange<size_t>(kLogBlockBytes - 60, kLogBlockBytes + 20));
  explicit Append(const Model&) {}
  void apply(Model& model) const override {
    model.records.push_back(RecordAt(model.records.size(), size));
  }
  void run(const Model& model, System& system) const override {
    const uint64_t before = system.writer->Size();
    const std::string record = RecordAt(model.records.size(), size);
    RC_ASSERT(system.writer->Append(record).ok());
    RC_ASSERT(system.writer->Size() >= before + kLogHeaderBytes + record.size());
  }
  void show(std::ostream& os) const override { os << "append " << size << " bytes"; }
};

struct Sync : Command {
  explicit Sync(const Model&) {}
  void apply(Model& model) const override { model.synced = model.records.size(); }
  void run(const Model&, System& system) const override { RC_ASSERT(system.writer->Sync().ok()); }
  void show(std::ostream& os) const override { os << "sync"; }
};

struct EndAndRead : Command {
  bool killed = *rc::gen::arbitrary<bool>();
  uint64_t seed = *rc::gen::inRange<uint64_t>(0, 1000);  // which unsynced bytes a power cut keeps
  explicit EndAndRead(const Model&) {}
  void apply(Model& model) const override { model = Model{}; }
  void run(const Model& model, System& system) const override {
    system.env.CrashNow();
    system.writer.reset();
    system.file.reset();
    sim::Random coin(seed);
    std::vector<bool> keep(system.env.Unsynced().size());
    for (size_t i = 0; i < keep.size(); ++i) keep[i] = killed || coin.OneIn1024(512);
    system.env.Restart(sim::ImageOf(keep));

    auto file = system.env.OpenSequential(system.path);
    RC_ASSERT(file.ok());
    LogReader reader(file->get(), [](std::string_view) { return false; });
    size_t count = 0;
    for (std::string_view record; reader.Read(&record); ++count) {
      RC_ASSERT(count < model.records.size());
      RC_ASSERT(std::string(record) == model.records[count]);
    }
    RC_ASSERT(count >= (killed ? model.records.size() : model.synced));
    RC_ASSERT(LogEnd(reader.end()).kind == LogEndKind::kClean ||
              (!killed && LogEnd(reader.end()).kind == LogEndKind::kTorn));
    system.Begin();
  }
  void show(std::ostream& os) const override {
    if (killed) {
      os << "killed";
    } else {
      os << "power cut " << seed;
    }
  }
};

RC_GTEST_PROP(WalContract, R_ORDER_any_commands_give_a_prefix_of_what_was_appended, ()) {
  System system(*rc::gen::arbitrary<bool>() ? IoMode::kPlain : IoMode::kMapped);
  rc::state::check(Model{}, system,
                   rc::state::gen::execOneOfWithArgs<Append, Append, Append, Sync, EndAndRead>());
}

}  // namespace
}  // namespace lsm::testing
