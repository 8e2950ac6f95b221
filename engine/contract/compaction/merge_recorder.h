// Ends of a merge for tests: a sink that keeps what it is given, and an observer that takes notes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "contract/compaction/concept.h"
#include "contract/iterator/vector_source.h"

namespace lsm {

// Each entry counts this many bytes, so that tests can count in entries.
inline constexpr uint64_t kEntryBytes = 10;

class RecordingSink {
 public:
  // The call with this number (from 0, Add and Cut alike) fails.
  explicit RecordingSink(int fail_at = -1) : fail_at_(fail_at) {}

  Status Add(std::string_view key, std::string_view value) {
    if (calls_++ == fail_at_) return Status::NoSpace("write of an output");
    open_.push_back({std::string(key), std::string(value)});
    return Status::Ok();
  }
  Status Cut() {
    if (calls_++ == fail_at_) return Status::NoSpace("finish of an output");
    LSM_CHECK(!open_.empty());  // there is no table without entries
    outputs_.push_back(std::move(open_));
    open_.clear();
    return Status::Ok();
  }
  uint64_t OutputBytes() { return open_.size() * kEntryBytes; }

  const std::vector<Entries>& outputs() const { return outputs_; }
  bool has_open_output() const { return !open_.empty(); }
  int calls() const { return calls_; }

 private:
  int fail_at_;
  int calls_ = 0;
  Entries open_;
  std::vector<Entries> outputs_;
};

class RecordingObserver {
 public:
  explicit RecordingObserver(int stop_at_poll = -1) : stop_at_poll_(stop_at_poll) {}

  void OnDropped(const ParsedInternalKey& key, Survival survival) {
    dropped_ += std::string(survival == Survival::kDropShadowed ? "shadowed " : "tombstone ") +
                std::string(key.user_key) + "@" + std::to_string(key.sequence) + "\n";
  }
  Status Poll() {
    return polls_++ == stop_at_poll_ ? Status::Closed("stopped by the observer") : Status::Ok();
  }

  const std::string& dropped() const { return dropped_; }
  int polls() const { return polls_; }

 private:
  int stop_at_poll_;
  int polls_ = 0;
  std::string dropped_;
};

}  // namespace lsm
