#include "model/history.h"

#include <algorithm>

namespace lsm::viz {
namespace {

Sample Take(const EngineState& state, const Sample& last) {
  // While it recovers, a database has no tree: curves go on as they were.
  const bool known = state.open || state.counters.recoveries == 0;
  return {state.counters.user_bytes, state.counters.BytesOut(),
          known ? state.table_bytes : last.table_bytes, known ? state.l0_tables : last.l0_tables,
          !state.stall.empty()};
}

}  // namespace

void History::Seek(size_t position) {
  position = std::min(position, moments_.size());
  if (position < position_) BackToCheckpoint(position / kCheckpointEvery);
  while (position_ < position) Forward();
}

void History::BackToCheckpoint(size_t checkpoint) {
  position_ = checkpoint * kCheckpointEvery;
  for (; !undo_.empty() && undo_.back().position >= position_; undo_.pop_back()) {
    tree_.Revert(undo_.back().change);
  }
  state_ = checkpoints_[checkpoint];
}

void History::Forward() {
  const Moment& moment = moments_[position_];
  EventTree::Change change;
  if (moment.event) {
    change = tree_.Apply(*moment.event);
    state_.Apply(*moment.event, tree_, change);
  }
  if (samples_.size() == position_) {
    samples_.push_back(Take(state_, samples_.empty() ? Sample() : samples_.back()));
  }
  if (!change.empty()) undo_.push_back({position_, std::move(change)});
  ++position_;
  if (position_ == checkpoints_.size() * kCheckpointEvery) checkpoints_.push_back(state_);
}

const EventTree::Change& History::change() const {
  static const EventTree::Change kNone;
  if (undo_.empty() || undo_.back().position + 1 != position_) return kNone;
  return undo_.back().change;
}

size_t History::PositionOfStep(uint64_t step) const {
  const auto earlier = [](const Moment& moment, uint64_t s) { return moment.step < s; };
  const auto first = std::lower_bound(moments_.begin(), moments_.end(), step, earlier);
  return std::min(static_cast<size_t>(first - moments_.begin()) + 1, moments_.size());
}

}  // namespace lsm::viz
