// Where a run comes from: a trace, which is run here on the engine; the event log of a run
// elsewhere; or the demonstration, a trace that is built in. Whatever can be read is shown: what is
// wrong with the rest stands in About::problem.
#pragma once

#include <memory>
#include <string>

#include "layout/views.h"
#include "lsm/status.h"

namespace lsm::viz {

class Source {
 public:
  virtual ~Source() = default;

  const History& history() const { return history_; }
  const About& about() const { return about_; }
  void Seek(size_t position) { history_.Seek(position); }

  // Takes what has come since. True if there is more than before.
  virtual bool Poll() { return false; }
  // Runs one more operation behind the one at the cursor and goes to its
  // end, or to the divergence. What stood behind it
  // is gone. InvalidArgument says what is wrong with it.
  virtual Status Do(const std::string& operation) = 0;

 protected:
  History history_;
  About about_;
};

// By the first line of the file. `follow`: the log of a run that goes on. The cursor stands at the
// divergence of a trace, else at the end.
Result<std::unique_ptr<Source>> OpenSource(const std::string& file, bool follow);
std::unique_ptr<Source> OpenDemo();

}  // namespace lsm::viz
