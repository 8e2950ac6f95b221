// The event log: a text of lines
//
//   line = step " " event "\n"        event as events/event_text.h has it
//
// Steps never go back. A log that ends within a line was cut off there: the writer was killed, or
// is still at it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "env/sync.h"
#include "lsm/event.h"
#include "lsm/status.h"

namespace lsm {

// Writes the log, a whole line a call of the sink. Thread-safe: the sink and the step are called
// under a mutex of the environment, one at a time.
class EventLogWriter final : public EventListener {
 public:
  using Sink = std::function<void(std::string_view line)>;  // the newline included
  using Step = std::function<uint64_t()>;

  // `step` gives the number of the line, say the operation that a trace has come to. Without one,
  // lines are numbered from 1.
  EventLogWriter(Env* env, Sink sink, Step step = nullptr);

  void OnEvent(const Event& event) override;

 private:
  Mutex mu_;
  const Sink sink_;
  const Step step_;
  uint64_t lines_ = 0;
};

struct LoggedEvent {
  uint64_t step = 0;
  Event event;
};

// Reads a log piece by piece, so that one can be followed while it is written. After an error every
// later call returns it again.
class EventLogReader {
 public:
  using Visit = std::function<void(LoggedEvent)>;

  explicit EventLogReader(Visit visit) : visit_(std::move(visit)) {}

  // Visits the event of each line that `piece` ends; a piece may end anywhere. Corruption names the
  // line and what is wrong with it.
  Status Feed(std::string_view piece);
  // Corruption if the log ended within a line.
  Status Finish() const;

 private:
  Status ReadLine(std::string_view line);
  Status Damaged(std::string_view reason) const;

  const Visit visit_;
  std::string begun_;  // the line that has not ended yet
  uint64_t lines_ = 0;
  uint64_t last_step_ = 0;
  Status status_;
};

// All of a finished log.
Result<std::vector<LoggedEvent>> ReadEventLog(std::string_view log);

}  // namespace lsm
