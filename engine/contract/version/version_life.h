// A fixed life of a version set, step by step, for sweeps over its I/O operations: create, flushes,
// a compaction, a rotation, reopening. Its file numbers and states are the same in every run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "contract/version/version_test_util.h"

namespace lsm::version_test {

class Life {
 public:
  static constexpr size_t kSteps = 9;
  static constexpr size_t kFirstApplyAfterRecover = 7;

  explicit Life(sim::SimEnv* env) : Life(env, env) {}
  // Runs on `env`, which stands on `machine`.
  Life(Env* env, sim::SimEnv* machine) : options_(MakeOptions(env)) {
    EXPECT_TRUE(machine->CreateDir(kDir).ok());
    EXPECT_TRUE(machine->SyncDir("/").ok());
    setup_io_ = machine->IoCount();
  }

  Status Step(size_t step) {
    switch (step) {
      case 0:
        return Open(VersionSet::Create(options_));
      case 1:
        return set->Apply(Flush("a", "m"));
      case 2:
        return set->Apply(Flush("k", "z"));
      case 3:
        return set->Apply(Compaction());
      case 4:
        return set->Rotate();
      case 5:
        return set->Apply(Flush("b", "c"));
      case 6:
        set.reset();
        return Open(VersionSet::Recover(options_));
      case 7:
        return set->Apply(Flush("d", "e"));
      default:
        return set->Apply(Flush("f", "g"));
    }
  }
  // Steps that returned OK, up to the first that did not.
  size_t Run() {
    size_t step = 0;
    while (step < kSteps && Step(step).ok()) ++step;
    return step;
  }
  Status Recover() { return Open(VersionSet::Recover(options_)); }
  Status Create() { return Open(VersionSet::Create(options_)); }
  std::string State() const { return set == nullptr ? "no database" : Describe(*set); }
  uint64_t setup_io() const { return setup_io_; }

  // The largest key is long: an edit covers several sectors, and a power cut may tear it.
  VersionEdit Flush(std::string_view smallest, std::string_view largest) {
    const std::string end = std::string(largest) + std::string(1200, '~');
    VersionEdit edit = AddTable(0, Table(NewNumber(), smallest, end));
    edit.log_number = NewNumber();
    edit.last_sequence = set->last_sequence() + 10;
    return edit;
  }

  std::unique_ptr<VersionSet> set;
  uint64_t last_number = 0;  // the highest that NewFileNumber returned

 private:
  Status Open(Result<std::unique_ptr<VersionSet>> opened) {
    if (!opened.ok()) return opened.status();
    set = std::move(*opened);
    return Status::Ok();
  }
  uint64_t NewNumber() {
    last_number = set->NewFileNumber();
    return last_number;
  }
  // All of level 0 to level 1.
  VersionEdit Compaction() {
    VersionEdit edit = AddTable(1, Table(NewNumber(), "a", "zz"));
    const std::shared_ptr<const Tree> tree = set->current();
    for (const SortedRun& run : tree->levels[0].runs) edit.removed.emplace_back(0, run[0]->number);
    edit.compact_pointers.emplace_back(0, Key("z"));
    return edit;
  }

  VersionOptions options_;
  uint64_t setup_io_ = 0;
};

// What an undisturbed run was like before its step n; at kSteps: at its end.
struct Expected {
  std::vector<std::string> states;
  std::vector<uint64_t> numbers;  // the highest given out
  uint64_t io_begin = 0, io_end = 0;
};

inline Expected RunUndisturbed() {
  sim::SimEnv env{sim::SimOptions{}};
  Life life(&env);
  Expected expected;
  expected.io_begin = life.setup_io();
  for (size_t step = 0; step <= Life::kSteps; ++step) {
    expected.states.push_back(life.State());
    expected.numbers.push_back(life.last_number);
    if (step == Life::kSteps) break;
    Require(life.Step(step));
  }
  expected.io_end = env.IoCount();
  return expected;
}

}  // namespace lsm::version_test
