// The version set against a plain model of the tree, as RapidCheck state commands: edits, wrong
// edits, rotations, restarts and power cuts in any order (V-INSTALL, V-ERROR, V-NUMBERS, V-CHECK).
#include "contract/version/version_test_util.h"

#include <map>
#include <set>

#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

namespace lsm::version_test {
namespace {

// Keys of a table below level 0: it fills one slot, and a slot holds one table.
constexpr int kSlots = 4;
constexpr int kLevels = 3;
constexpr uint64_t kNumberStep = 1000;  // between the numbers of tables: others are given out there

struct Model {
  std::map<uint64_t, std::pair<int, int>> tables{};  // number -> level, slot
  uint64_t next_number = kNumberStep;
  uint64_t log_number = 0;
  SequenceNumber last_sequence = 0;
  bool failed = false;  // until a rotation or a restart

  bool IsFree(int level, int slot) const {
    for (const auto& [number, place] : tables) {
      if (level > 0 && place == std::pair(level, slot)) return false;
    }
    return true;
  }
};

struct System {
  System() {
    RC_ASSERT(env.CreateDir(kDir).ok() && env.SyncDir("/").ok());
    Open(VersionSet::Create(MakeOptions(&env)));
  }
  void Open(Result<std::unique_ptr<VersionSet>> opened) {
    RC_ASSERT(opened.ok());
    set = std::move(*opened);
  }
  void Restart() {
    set.reset();
    Open(VersionSet::Recover(MakeOptions(&env)));
    highest_given = highest_kept;
  }
  void OnApplied() { highest_kept = highest_given; }

  sim::SimEnv env{sim::SimOptions{}};
  std::unique_ptr<VersionSet> set;
  uint64_t highest_given = 0, highest_kept = 0;  // of NewFileNumber; kept: over a restart
};

void CheckState(const Model& model, const System& system) {
  std::map<uint64_t, int> expected, actual;
  for (const auto& [number, place] : model.tables) expected[number] = place.first;
  const std::shared_ptr<const Tree> tree = system.set->current();
  for (size_t level = 0; level < tree->levels.size(); ++level) {
    for (const SortedRun& run : tree->levels[level].runs) {
      for (const FileRef& file : run) actual[file->number] = static_cast<int>(level);
    }
  }
  RC_ASSERT(actual == expected);
  RC_ASSERT(system.set->log_number() == model.log_number);
  RC_ASSERT(system.set->last_sequence() == model.last_sequence);
}

FileMeta TableAt(uint64_t number, int slot) {
  const std::string begin(1, static_cast<char>('a' + slot));
  return Table(number, begin, begin + "~");
}

using Command = rc::state::Command<Model, System>;

struct Apply : Command {
  int level = *rc::gen::inRange(0, kLevels);
  int slot = *rc::gen::inRange(0, kSlots);
  uint64_t number;
  std::vector<uint64_t> removed{};
  // Lower ones change nothing.
  uint64_t log_number = *rc::gen::inRange<uint64_t>(0, 50);
  SequenceNumber last_sequence = *rc::gen::inRange<SequenceNumber>(0, 50);

  explicit Apply(const Model& model) : number(model.next_number) {
    for (const auto& [old, place] : model.tables) {
      if (*rc::gen::inRange(0, 3) == 0) removed.push_back(old);
    }
  }
  void checkPreconditions(const Model& model) const override {
    RC_PRE(number == model.next_number);
    for (const uint64_t old : removed) RC_PRE(model.tables.count(old) == 1);
    Model without = model;
    for (const uint64_t old : removed) without.tables.erase(old);
    RC_PRE(without.IsFree(level, slot));
  }
  void apply(Model& model) const override {
    model.next_number += kNumberStep;
    if (model.failed) return;
    for (const uint64_t old : removed) model.tables.erase(old);
    model.tables[number] = {level, slot};
    model.log_number = std::max(model.log_number, log_number);
    model.last_sequence = std::max(model.last_sequence, last_sequence);
  }
  void run(const Model& model, System& system) const override {
    VersionEdit edit = AddTable(level, TableAt(number, slot));
    for (const uint64_t old : removed) edit.removed.emplace_back(model.tables.at(old).first, old);
    edit.log_number = log_number;
    edit.last_sequence = last_sequence;
    system.set->MarkFileNumberUsed(number);
    RC_ASSERT(system.set->Apply(edit).ok() == !model.failed);
    if (!model.failed) system.OnApplied();
    CheckState(nextState(model), system);
  }
  void show(std::ostream& os) const override {
    os << "apply: table " << number << " at level " << level << ", slot " << slot << ", log "
       << log_number << ", sequence " << last_sequence << ", without " << rc::toString(removed);
  }
};

// Removes a table that is not there, or puts one where another is.
struct ApplyWrong : Command {
  int level = *rc::gen::inRange(0, kLevels);
  int slot = *rc::gen::inRange(0, kSlots);
  explicit ApplyWrong(const Model&) {}
  void apply(Model& model) const override {
    model.next_number += kNumberStep;
    model.failed = true;
  }
  void run(const Model& model, System& system) const override {
    VersionEdit edit;
    if (model.IsFree(level, slot)) {
      edit.removed.emplace_back(level, model.next_number);
    } else {
      system.set->MarkFileNumberUsed(model.next_number);
      edit = AddTable(level, TableAt(model.next_number, slot));
    }
    RC_ASSERT(!system.set->Apply(edit).ok());
    CheckState(nextState(model), system);
  }
  void show(std::ostream& os) const override {
    os << "a wrong edit at level " << level << ", slot " << slot;
  }
};

struct NewNumber : Command {
  explicit NewNumber(const Model&) {}
  void run(const Model&, System& system) const override {
    const uint64_t number = system.set->NewFileNumber();
    RC_ASSERT(number > system.highest_given);
    system.highest_given = number;
  }
  void show(std::ostream& os) const override { os << "new file number"; }
};

struct Rotate : Command {
  explicit Rotate(const Model&) {}
  void apply(Model& model) const override { model.failed = false; }
  void run(const Model& model, System& system) const override {
    RC_ASSERT(system.set->Rotate().ok());
    system.OnApplied();
    CheckState(model, system);
  }
  void show(std::ostream& os) const override { os << "rotate"; }
};

struct Restart : Command {
  enum class How { kKilled, kPowerCutKeepsAll, kPowerCutKeepsNothing };
  How how = static_cast<How>(*rc::gen::inRange(0, 3));
  explicit Restart(const Model&) {}
  void apply(Model& model) const override { model.failed = false; }
  void run(const Model& model, System& system) const override {
    if (how != How::kKilled) {
      system.env.CrashNow();
      system.set.reset();
      const bool keep = how == How::kPowerCutKeepsAll;
      system.env.Restart(sim::Image(system.env.Unsynced().size(), keep));
    }
    system.Restart();
    CheckState(model, system);
  }
  void show(std::ostream& os) const override {
    os << (how == How::kKilled ? "killed" : "power cut, unsynced bytes ")
       << (how == How::kPowerCutKeepsAll       ? "kept"
           : how == How::kPowerCutKeepsNothing ? "lost"
                                               : "");
  }
};

RC_GTEST_PROP(VersionModel, V_INSTALL_any_commands_agree_with_the_plain_tree, ()) {
  System system;
  rc::state::check(
      Model{}, system,
      rc::state::gen::execOneOfWithArgs<Apply, Apply, ApplyWrong, NewNumber, Rotate, Restart>());
}

}  // namespace
}  // namespace lsm::version_test
