// The whole database against std::map, as RapidCheck state commands: the shortest statement of what
// a database is. Traces go further (clients, errors, crash images); this is to be read first.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

#include "lsm/db.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

using Contents = std::map<std::string, std::string>;

struct Model {
  Contents now;
  bool durable = true;                  // all of it
  std::map<int, Contents> snapshots{};  // by the name that commands know them by
};

struct System {
  System() { Open(); }
  ~System() { Close(); }

  void Open() {
    Options options;
    options.env = &env;
    options.memtable_bytes = 1024;
    options.block_bytes = 64;
    options.block_cache_bytes = 256;
    options.max_file_bytes = 1024;
    options.l0_compaction_trigger = 2;
    options.level1_bytes = 1024;
    options.create_if_missing = true;
    options.wal_io = *rc::gen::arbitrary<bool>() ? IoMode::kPlain : IoMode::kMapped;
    options.read_io = *rc::gen::arbitrary<bool>() ? IoMode::kPlain : IoMode::kMapped;
    auto opened = DB::Open(options, "/db");
    RC_ASSERT(opened.ok());
    db = std::move(*opened);
  }
  void Close() {
    for (const auto& [name, snapshot] : snapshots) db->ReleaseSnapshot(snapshot);
    snapshots.clear();
    db.reset();
  }

  sim::SimEnv env{sim::SimOptions{}};
  std::unique_ptr<DB> db;
  std::map<int, const Snapshot*> snapshots;
};

using Command = rc::state::Command<Model, System>;

// Few keys, so that they meet again; empty ones, prefixes and neighbours of each other.
std::string AnyKey() {
  return *rc::gen::element<std::string>("", "a", "aa", "ab", "b", "c", "cc", "\xff", "\xff\xff");
}
std::string AnyValue() {
  return std::string(*rc::gen::element<size_t>(0, 1, 30, 300), *rc::gen::inRange('a', 'z'));
}

// Forward and backward walks see the same entries.
Contents Walk(DB* db, const Snapshot* snapshot) {
  ReadOptions options;
  options.snapshot = snapshot;
  const auto it = db->NewIterator(options);
  Contents forward, backward;
  for (it->SeekToFirst(); it->Valid(); it->Next()) forward.emplace(it->key(), it->value());
  for (it->SeekToLast(); it->Valid(); it->Prev()) backward.emplace(it->key(), it->value());
  RC_ASSERT(it->status().ok());
  RC_ASSERT(forward == backward);
  return forward;
}

struct Write : Command {
  struct Update {
    std::string key, value;
    bool deletes;
  };
  std::vector<Update> updates;
  bool sync = *rc::gen::arbitrary<bool>();

  explicit Write(const Model&) {
    for (int n = *rc::gen::weightedElement<int>({{6, 1}, {1, 0}, {2, 3}}); n > 0; --n) {
      std::string key = AnyKey();
      std::string value = AnyValue();
      updates.push_back({std::move(key), std::move(value), *rc::gen::inRange(0, 3) == 0});
    }
  }
  void apply(Model& model) const override {
    for (const Update& update : updates) {
      if (update.deletes) {
        model.now.erase(update.key);
      } else {
        model.now[update.key] = update.value;
      }
    }
    model.durable = sync;
  }
  void run(const Model&, System& system) const override {
    WriteBatch batch;
    for (const Update& update : updates) {
      if (update.deletes) {
        batch.Delete(update.key);
      } else {
        batch.Put(update.key, update.value);
      }
    }
    RC_ASSERT(system.db->Write({sync}, batch).ok());
  }
  void show(std::ostream& os) const override {
    os << "write" << (sync ? " sync" : "");
    for (const Update& update : updates) {
      os << (update.deletes ? " delete " : " put ") << rc::toString(update.key);
    }
  }
};

struct Get : Command {
  std::string key = AnyKey();
  explicit Get(const Model&) {}
  void run(const Model& model, System& system) const override {
    std::string value;
    const Status status = system.db->Get({}, key, &value);
    RC_ASSERT(status.ok() || status.IsNotFound());
    RC_ASSERT(status.ok() == (model.now.count(key) == 1));
    if (status.ok()) RC_ASSERT(value == model.now.at(key));
  }
  void show(std::ostream& os) const override { os << "get " << rc::toString(key); }
};

struct Scan : Command {
  explicit Scan(const Model&) {}
  void run(const Model& model, System& system) const override {
    RC_ASSERT(Walk(system.db.get(), nullptr) == model.now);
  }
  void show(std::ostream& os) const override { os << "scan"; }
};

struct TakeSnapshot : Command {
  int name = *rc::gen::inRange(0, 3);
  explicit TakeSnapshot(const Model&) {}
  void checkPreconditions(const Model& model) const override {
    RC_PRE(model.snapshots.count(name) == 0);
  }
  void apply(Model& model) const override { model.snapshots[name] = model.now; }
  void run(const Model&, System& system) const override {
    system.snapshots[name] = system.db->GetSnapshot();
  }
  void show(std::ostream& os) const override { os << "snapshot " << name; }
};

struct ReadSnapshot : Command {
  int name = *rc::gen::inRange(0, 3);
  bool release = *rc::gen::arbitrary<bool>();
  explicit ReadSnapshot(const Model&) {}
  void checkPreconditions(const Model& model) const override {
    RC_PRE(model.snapshots.count(name) == 1);
  }
  void apply(Model& model) const override {
    if (release) model.snapshots.erase(name);
  }
  void run(const Model& model, System& system) const override {
    RC_ASSERT(Walk(system.db.get(), system.snapshots.at(name)) == model.snapshots.at(name));
    if (!release) return;
    system.db->ReleaseSnapshot(system.snapshots.at(name));
    system.snapshots.erase(name);
  }
  void show(std::ostream& os) const override {
    os << "read snapshot " << name << (release ? " and release it" : "");
  }
};

struct Maintain : Command {
  std::string what = *rc::gen::element<std::string>("flush", "compact", "wait", "sync", "check");
  explicit Maintain(const Model&) {}
  void apply(Model& model) const override {
    if (what == "flush" || what == "sync") model.durable = true;
  }
  void run(const Model&, System& system) const override {
    DB* db = system.db.get();
    std::vector<std::string> findings;
    const Status status = what == "flush"     ? db->Flush()
                          : what == "compact" ? db->CompactRange({}, {}, {})
                          : what == "wait"    ? db->WaitForBackgroundWork()
                          : what == "sync"    ? db->SyncWal()
                                              : db->CheckIntegrity(&findings);
    RC_ASSERT(status.ok());
    RC_ASSERT(findings.empty());
  }
  void show(std::ostream& os) const override { os << what; }
};

struct Reopen : Command {
  explicit Reopen(const Model&) {}
  void apply(Model& model) const override {
    model.durable = true;
    model.snapshots.clear();
  }
  void run(const Model& model, System& system) const override {
    system.Close();
    system.Open();
    RC_ASSERT(Walk(system.db.get(), nullptr) == model.now);
  }
  void show(std::ostream& os) const override { os << "reopen"; }
};

// Only where everything is durable, so that one state alone is right; traces judge the others.
struct CutPower : Command {
  bool keep_all = *rc::gen::arbitrary<bool>();
  explicit CutPower(const Model&) {}
  void checkPreconditions(const Model& model) const override { RC_PRE(model.durable); }
  void apply(Model& model) const override { model.snapshots.clear(); }
  void run(const Model& model, System& system) const override {
    system.env.CrashNow();
    system.Close();
    system.env.Restart(sim::Image(system.env.Unsynced().size(), keep_all));
    system.Open();
    RC_ASSERT(Walk(system.db.get(), nullptr) == model.now);
  }
  void show(std::ostream& os) const override {
    os << "power cut, unsynced bytes " << (keep_all ? "kept" : "lost");
  }
};

RC_GTEST_PROP(DbModel, AnyCommandsAgreeWithAMap, ()) {
  System system;
  rc::state::check(Model{}, system,
                   rc::state::gen::execOneOfWithArgs<Write, Write, Write, Get, Scan, TakeSnapshot,
                                                     ReadSnapshot, Maintain, Reopen, CutPower>());
}

}  // namespace
}  // namespace lsm
