// History: all that was seen of a run, and a cursor that walks through it in both directions.
//
// Invariants:
//   1. position() moments have happened: tree() and state() are what holds behind them;
//   2. a position decides tree and state: how the cursor came there does not show;
//   3. going back costs at most kCheckpointEvery moments more than the distance.
// A run may still be going on: Append works at any position. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/engine_state.h"

namespace lsm::viz {

// One moment of a run: an event of the engine, or a note, as that an operation has ended.
struct Moment {
  uint64_t step = 0;  // line of the log, or operation of the trace from 1 on; 0: before the first
  std::optional<Event> event{};
  std::string note{};
};

// What curves are drawn from.
struct Sample {
  uint64_t user_bytes = 0, bytes_out = 0, table_bytes = 0, l0_tables = 0;
  bool stalled = false;
};

class History {
 public:
  static constexpr size_t kCheckpointEvery = 1024;

  History() : checkpoints_(1) {}

  void Append(Moment moment) { moments_.push_back(std::move(moment)); }
  const std::vector<Moment>& moments() const { return moments_; }

  void Seek(size_t position);  // past the end: the end
  size_t position() const { return position_; }
  size_t size() const { return moments_.size(); }

  // The moment that has just happened; null at the beginning.
  const Moment* now() const { return position_ == 0 ? nullptr : &moments_[position_ - 1]; }
  const EventTree& tree() const { return tree_; }
  const EngineState& state() const { return state_; }
  // What has just come into the tree.
  const EventTree::Change& change() const;
  // One for each moment that the cursor has ever reached.
  const std::vector<Sample>& samples() const { return samples_; }

  // The first position behind which `step` has begun.
  size_t PositionOfStep(uint64_t step) const;

 private:
  struct Undo {
    size_t position;
    EventTree::Change change;
  };

  void Forward();
  void BackToCheckpoint(size_t checkpoint);

  std::vector<Moment> moments_;
  size_t position_ = 0;
  EventTree tree_;
  EngineState state_;
  std::vector<Undo> undo_;                // changes of the tree before position_
  std::vector<EngineState> checkpoints_;  // the n-th: at position n * kCheckpointEvery
  std::vector<Sample> samples_;
};

}  // namespace lsm::viz
